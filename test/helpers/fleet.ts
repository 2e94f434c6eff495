import { readFile, readdir, watch } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerResponse } from 'node:http';

import type { ExecutionContext } from 'ava';

import { numberOfLine } from '../../src/scale/result-lines.ts';
import { Turns } from '../../src/shared/turns.ts';
import { urlmill } from './cli.ts';
import type { Ended, RunSettings } from './cli.ts';
import { gate } from './gate.ts';
import { RedisServer } from './redis.ts';
import { endOf, runningUrlmill } from './running.ts';
import type { Child } from './running.ts';
import { httpServer } from './server.ts';
import type { TestServer } from './server.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface FleetSettings {
  readonly rows: number;
  readonly hosts: number;
  /** Arguments of `submit`. */
  readonly args?: readonly string[];
  /** How long a lock holds, in milliseconds. */
  readonly lockTime?: number;
  readonly redis?: readonly string[];
  /** May answer a request in its own way; returns whether it did. */
  readonly answer?: (host: string, response: ServerResponse) => boolean;
}

/** A submitted job, its Redis, and one server that stands for all hosts of its list. */
export class Fleet {
  readonly redis: RedisServer;
  readonly server: TestServer;
  readonly folder: string;
  readonly job: string;
  readonly urls: readonly string[];
  readonly #t: ExecutionContext;
  /** How long a lock of workers started from now on holds, in milliseconds. */
  lockTime: number;
  readonly #replies: HeldReplies;
  /** Aborted when the test ends. */
  readonly #over = new AbortController();

  static async start(t: ExecutionContext, settings: FleetSettings): Promise<Fleet> {
    const { rows, hosts, args = [], lockTime = 30_000, redis, answer } = settings;
    await turn(t);
    const queue = await RedisServer.start(redis);
    t.teardown(() => queue.remove());
    const replies = new HeldReplies();
    const server = await httpServer(t, ({ headers, url }, response) => {
      if (answer?.(`${headers.host}`, response) !== true) replies.answer(`${headers.host}`, url, response);
    });
    const urls = Array.from({ length: rows }, (_, i) => `http://h${i % hosts}.test:${server.port}/${i}`);
    const folder = await temporaryFolder(t, { 'list.csv': `url\n${urls.join('\n')}\n` });
    const fleet = new Fleet(t, queue, server, folder, urls, lockTime, replies);
    const common = ['--connect-to', `::127.0.0.1:${server.port}`, '--per-host', '2', ...args];
    const submitted = await urlmill(['submit', '--job', 'job', ...common, 'list.csv'], { cwd: folder });
    t.is(submitted.code, 0, submitted.stderr);
    return fleet;
  }

  private constructor(
    t: ExecutionContext,
    redis: RedisServer,
    server: TestServer,
    folder: string,
    urls: readonly string[],
    lockTime: number,
    replies: HeldReplies,
  ) {
    this.#t = t;
    this.redis = redis;
    this.server = server;
    this.folder = folder;
    this.job = join(folder, 'job');
    this.urls = urls;
    this.lockTime = lockTime;
    this.#replies = replies;
    t.teardown(() => this.#over.abort());
  }

  /** Starts a worker in a new process, for tests that send it signals or read its output while it runs. */
  worker(...args: readonly string[]): Child {
    return runningUrlmill(this.#t, ['work', '--job', 'job', ...args], this.#settings);
  }

  /** Runs a worker until it ends by itself, in a process that may have run others before. */
  async work(...args: readonly string[]): Promise<Ended> {
    const { signal } = this.#over;
    return urlmill(['work', '--job', 'job', ...args], { ...this.#settings, signal });
  }

  get #settings(): Pick<RunSettings, 'cwd' | 'environment'> {
    const environment = { URLMILL_TEST_LOCK_TIME: `${this.lockTime}`, URLMILL_QUEUE: this.redis.url };
    return { cwd: this.folder, environment };
  }

  /** Holds back all replies from now on. */
  hold(): void {
    this.#replies.isOpen = false;
  }

  /** Sends the replies held back so far. Later ones are still held back. */
  sendHeld(): void {
    this.#replies.sendHeld();
  }

  /** Sends the replies held back so far, and all later ones at once. */
  release(): void {
    this.#replies.open();
  }

  /** The most concurrent requests that any one host has had. */
  get mostAtHost(): number {
    return this.#replies.most;
  }

  /**
   * Waits for the workers, and checks that all succeeded, that every row was committed once, and that no host
   * had more than two requests at a time.
   */
  async done(...workers: readonly (Child | Promise<Ended>)[]): Promise<Ended[]> {
    const ends = await Promise.all(
      workers.map(async (worker) => (worker instanceof Promise ? worker : endOf(worker))),
    );
    for (const { code, stderr } of ends) this.#t.is(code, 0, stderr);
    this.#t.deepEqual(
      await this.rows(),
      this.urls.map((_, i) => i + 1),
    );
    this.#t.deepEqual(await readdir(join(this.job, 'tmp')), []);
    this.#t.true(this.mostAtHost <= 2, `${this.mostAtHost} requests at one host`);
    return ends;
  }

  /** Waits until the files of unfinished pieces hold at least `count` results. */
  async begun(count: number): Promise<void> {
    const folder = join(this.job, 'tmp');
    const changes = watch(folder)[Symbol.asyncIterator]();
    try {
      while ((await linesIn(folder)).length < count) await changes.next();
    } finally {
      await changes.return?.();
    }
  }

  /** The numbers of all committed rows, in order. */
  async rows(): Promise<(number | null)[]> {
    const lines = await linesIn(join(this.job, 'out'));
    return lines.map(numberOfLine).toSorted((a, b) => Number(a) - Number(b));
  }
}

/** Most fleets in this process at a time: with more, most workers would each have to start a new process. */
const most = 4;
const turns = new Turns(most);

/** Waits for a free place among the fleets, and keeps it until the test ends. */
async function turn(t: ExecutionContext): Promise<void> {
  const over = gate();
  t.teardown(over.open);
  return new Promise((resolve) => {
    void turns.take(async () => {
      resolve();
      await over.opened;
    });
  });
}

/** The complete lines of all files in a folder. */
async function linesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const texts = await Promise.all(
    names.map(async (name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) => text.split('\n').slice(0, -1));
}

/** Replies that can be held back. */
class HeldReplies {
  isOpen = true;
  most = 0;
  readonly #running = new Map<string, number>();
  readonly #held: (() => void)[] = [];

  answer(host: string, url: string, response: ServerResponse): void {
    const running = (this.#running.get(host) ?? 0) + 1;
    this.#running.set(host, running);
    this.most = Math.max(this.most, running);
    response.once('close', () => this.#running.set(host, (this.#running.get(host) ?? 1) - 1));
    const send = (): void => void response.end(`page ${url}`);
    if (this.isOpen) send();
    else this.#held.push(send);
  }

  open(): void {
    this.isOpen = true;
    this.sendHeld();
  }

  sendHeld(): void {
    for (const send of this.#held.splice(0)) send();
  }
}
