import type { ExecutionContext } from 'ava';

import { Backlog } from '../../../src/fetch/schedule/backlog.ts';
import type { Host, Waiting } from '../../../src/fetch/schedule/host.ts';
import type { HostQueues } from '../../../src/fetch/schedule/host-queues.ts';
import { OwnQueues } from './queues.ts';

export interface Item extends Waiting<Item> {
  /** Its host and its number: `a7`. */
  readonly name: string;
  readonly text: string;
  readonly begun: boolean;
}

/** A backlog for queues without limits, with what it has reported. */
export interface Kept {
  readonly queues: HostQueues<Item>;
  readonly backlog: Backlog<Item>;
  readonly host: (name: string) => Host<Item>;
  /** Adds items a1, a2, … to the end of host a's queue. */
  readonly put: (name: string, from: number, to: number, text?: string) => void;
  /** Takes one item as the scheduler does, and ends it at once. */
  readonly take: () => string | null;
  /** Takes all items, and waits for the disk until nothing is left. */
  readonly takeAll: () => Promise<string[]>;
  /** Waits for the next change that the backlog reports. */
  readonly changed: () => Promise<void>;
  readonly full: string[];
  readonly lost: unknown[];
}

export function keeping(t: ExecutionContext, keep: number): Kept {
  const queues = new OwnQueues<Item>({ perHost: 1e9, interval: 0 });
  let wake: () => void = nothing;
  const full: string[] = [];
  const lost: unknown[] = [];
  const host = (name: string): Host<Item> => queues.host(name.charAt(0));
  const backlog = new Backlog<Item>({
    queues,
    keep,
    pack: ({ name, text, begun }) => (begun ? null : [name, text]),
    unpack: (packed) => {
      const [name, text] = packed as [string, string];
      queues.push(host(name), item(name, false, text));
    },
    requeue: (next) => queues.push(host(next.name), next),
    onChange: () => wake(),
    onFull: (reason) => {
      full.push(reason);
      wake();
    },
    onLost: (error) => {
      lost.push(error);
      wake();
    },
  });
  t.teardown(() => backlog.close());
  const take = (): string | null => {
    const next = queues.take(0, false);
    if (next === null || next.host === null) return null;
    const { host: from, name } = next;
    backlog.taken(from);
    queues.release(from);
    return name;
  };
  const changed = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  return {
    queues,
    backlog,
    host,
    put: (name, from, to, text = '') => {
      for (let i = from; i <= to; i++) backlog.push(host(name), item(`${name}${i}`, false, text));
    },
    take,
    takeAll: async () => {
      const taken: string[] = [];
      for (;;) {
        const name = take();
        if (name !== null) taken.push(name);
        else if (queues.size > 0 || backlog.size > 0 || hasWaitingBehindDisk(queues)) await changed();
        else return taken;
      }
    },
    changed,
    full,
    lost,
  };
}

export function item(name: string, begun: boolean, text = ''): Item {
  return { name, text, begun, next: null, host: null };
}

function hasWaitingBehindDisk(queues: HostQueues<Item>): boolean {
  for (const { behindDisk } of queues.hosts()) if (behindDisk.size > 0) return true;
  return false;
}

/** a3, a4, a5 for `names('a', 3, 5)`. */
export function names(name: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `${name}${from + i}`);
}

function nothing(): void {}
