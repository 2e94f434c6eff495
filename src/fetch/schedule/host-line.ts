import type { Host, Waiting } from './host.ts';

/** A queue of hosts, linked by `behind`. */
export class HostLine<T extends Waiting<T>> {
  first: Host<T> | null = null;
  #last: Host<T> | null = null;

  push(host: Host<T>): void {
    if (this.#last === null) this.first = host;
    else this.#last.behind = host;
    this.#last = host;
  }

  shift(): Host<T> | null {
    const host = this.first;
    if (host === null) return null;
    this.first = host.behind;
    if (this.first === null) this.#last = null;
    host.behind = null;
    return host;
  }
}
