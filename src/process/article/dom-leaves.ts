import { Comment, Text, detach } from '../tree/nodes.ts';
import type { Attribute } from '../tree/nodes.ts';

/** Longer attribute values are cut: Readability's patterns take time that grows with the square of their length. */
const longestValue = 1000;

const none: readonly never[] = [];

/** Immutable, so several elements can share it. */
export class Attr implements Attribute {
  readonly name: string;
  readonly value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value.length > longestValue ? value.slice(0, longestValue) : value;
  }

  cloneNode(): this {
    return this;
  }
}

export class DomText extends Text {
  readonly childNodes = none;

  get textContent(): string {
    return this.data;
  }

  remove(): void {
    detach(this);
  }
}

export class DomComment extends Comment {
  readonly childNodes = none;

  get textContent(): string {
    return this.data;
  }

  remove(): void {
    detach(this);
  }
}
