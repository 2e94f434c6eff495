import { parse, tags, write } from './der.ts';
import type { Value } from './der.ts';
import { mutateBytes, one } from './mutation.ts';
import type { Below } from './mutation.ts';

const contents: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from([0]),
  Buffer.from([255]),
  Buffer.from([0x80]),
  Buffer.alloc(9, 255),
  Buffer.from('a\0b'),
  Buffer.from('\x1b[2J'),
  Buffer.alloc(5000, 97),
];

/**
 * Changes one value of a DER structure; the lengths of the enclosing values stay right. What is not DER gets
 * a few bytes changed.
 */
export function mutateTree(bytes: Buffer, below: Below): Buffer {
  const values = parsed(bytes);
  if (values === null) return mutateBytes(bytes, below);
  const chosen = below(count(values));
  let at = 0;
  const change = (value: Value): readonly Value[] => {
    if (at++ === chosen) return mutateValue(value, below);
    const { tag, content } = value;
    return [{ tag, content: Buffer.isBuffer(content) ? content : content.flatMap(change) }];
  };
  return Buffer.concat(values.flatMap(change).map(write));
}

function parsed(bytes: Buffer): Value[] | null {
  try {
    return parse(bytes);
  } catch {
    return null;
  }
}

function count(values: readonly Value[]): number {
  return values.reduce((sum, { content }) => sum + 1 + (Buffer.isBuffer(content) ? 0 : count(content)), 0);
}

function mutateValue(value: Value, below: Below): readonly Value[] {
  const { tag, content } = value;
  switch (below(8)) {
    case 0:
      return [];
    case 1:
      return [value, value];
    case 2:
      return [{ tag: one(below, [...Object.values(tags), 0x80, 0xa0, below(256)]), content }];
    case 3:
      return [{ tag: tags.sequence, content: [value] }];
    case 4:
      return [{ tag, content: one(below, contents) }];
    case 5:
      return Buffer.isBuffer(content) ? [value] : [{ tag, content: content.toReversed() }];
    default:
      return [{ tag, content: mutateBytes(Buffer.isBuffer(content) ? content : write(value), below) }];
  }
}
