import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { RedisServer } from '../../test/helpers/redis.ts';
import { Hosts } from './hosts.ts';

export interface FleetSettings {
  readonly command: { readonly node: string; readonly cli: string };
  /** Folder on this machine for everything that is written. */
  readonly dir: string;
  readonly rows: number;
  readonly hosts: number;
  readonly workers: number;
  /** How long a lock holds, in milliseconds. */
  readonly lockTime: number;
  /** Time of `performance.now()` up to which faults are injected. The rest of the job runs without them. */
  readonly until: number;
  readonly random: () => number;
  readonly log: (text: string) => unknown;
}

export interface FleetOutcome {
  /** Number of faults of each kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Rows missing from the result. `doubled` counts repeated ones. */
  readonly lost: number;
  readonly doubled: number;
  readonly most: number;
  /** Number of hosts that had more concurrent requests than allowed. */
  readonly over: number;
  readonly problems: readonly string[];
  readonly seconds: number;
}

const perHost = 2;

/** A worker process and its folder for temporary files. */
interface Member {
  readonly process: ChildProcess;
  readonly disk: string;
  readonly ended: Promise<unknown>;
  stderr: string;
}

/** Runs a job with several workers while faults hit them and Redis, and checks the result. */
export class Fleet {
  readonly #settings: FleetSettings;
  readonly #job: string;
  readonly #faults: Record<string, number> = {};
  readonly #problems: string[] = [];
  readonly #members = new Set<Member>();
  readonly #redis: RedisServer;
  readonly #hosts: Hosts;
  #started = 0;

  static async run(settings: FleetSettings): Promise<FleetOutcome> {
    const redis = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'everysec']);
    const hosts = await Hosts.open(() => 20 + 40 * settings.random(), perHost);
    const fleet = new Fleet(settings, redis, hosts);
    try {
      return await fleet.#run();
    } finally {
      for (const { process } of fleet.#members) process.kill('SIGKILL');
      hosts.close();
      await redis.remove();
    }
  }

  private constructor(settings: FleetSettings, redis: RedisServer, hosts: Hosts) {
    this.#settings = settings;
    this.#redis = redis;
    this.#hosts = hosts;
    this.#job = join(settings.dir, 'job');
  }

  async #run(): Promise<FleetOutcome> {
    const { dir, until, workers, lockTime, random } = this.#settings;
    const began = performance.now();
    await rm(this.#job, { recursive: true, force: true });
    const list = join(dir, 'list.csv');
    await this.#writeList(list);
    const connect = ['--connect-to', `::127.0.0.1:${this.#hosts.port}`, '--per-host', `${perHost}`];
    const cut = ['--job', this.#job, '--piece-rows', '500', '--lanes', '64'];
    await this.#command('submit', [...cut, ...connect, list]);
    for (let i = 0; i < workers; i++) await this.#startWorker();
    while (this.#members.size > 0 && performance.now() < until) {
      await delay(lockTime * (0.1 + 0.5 * random()));
      await this.#harm();
    }
    await Promise.all([...this.#members].map(async ({ ended }) => ended));
    const result = join(dir, 'result.csv');
    await this.#command('collect', ['--job', this.#job, '--ordered', '-o', result]);
    const counted = await this.#check(result);
    const left = await readdir(join(this.#job, 'tmp'));
    if (left.length > 0) this.#problems.push(`${left.length} files are left in tmp/`);
    const { requests, most, over } = this.#hosts;
    return {
      faults: this.#faults,
      requests,
      ...counted,
      most,
      over: over.size,
      problems: this.#problems,
      seconds: (performance.now() - began) / 1000,
    };
  }

  async #writeList(path: string): Promise<void> {
    const { rows, hosts } = this.#settings;
    const file = createWriteStream(path);
    file.write('url\n');
    for (let i = 0; i < rows; i++) {
      if (!file.write(`${this.#url(i, hosts)}\n`)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
  }

  #url(row: number, hosts: number): string {
    return `http://h${(row * 7919) % hosts}.test/${row}`;
  }

  /** Checks that every row is in the result once, in its place, with a good reply. */
  async #check(path: string): Promise<{ lost: number; doubled: number }> {
    const { rows, hosts } = this.#settings;
    const seen = new Uint8Array(rows);
    let doubled = 0;
    let row = -1;
    for await (const line of createInterface(createReadStream(path))) {
      const isRight = row < 0 || line.startsWith(`${this.#url(row, hosts)},200,,`);
      if (!isRight && this.#problems.length < 10) this.#problems.push(`row ${row}: ${line}`);
      const number = Number(/^http:\/\/h\d+\.test\/(\d+),/.exec(line)?.[1] ?? rows);
      if (seen[number] === 1) doubled++;
      if (number < rows) seen[number] = 1;
      row++;
    }
    if (row !== rows) this.#problems.push(`${row} rows, not ${rows}`);
    return { lost: seen.reduce((count, isThere) => count + 1 - isThere, 0), doubled };
  }

  /** Injects a random fault into a worker or Redis. */
  async #harm(): Promise<void> {
    const { random, lockTime, log } = this.#settings;
    const members = [...this.#members];
    const victim = members[Math.floor(random() * members.length)];
    if (victim === undefined) return;
    const kinds: Record<string, () => Promise<unknown>> = {
      SIGKILL: async () => this.#end(victim, 'SIGKILL'),
      'SIGKILL and its disk': async () => {
        await this.#end(victim, 'SIGKILL');
        await rm(victim.disk, { recursive: true, force: true });
      },
      SIGTERM: async () => this.#end(victim, 'SIGTERM'),
      SIGSTOP: async () => {
        victim.process.kill('SIGSTOP');
        await delay(lockTime * (0.5 + random()));
        victim.process.kill('SIGCONT');
      },
      'Redis restarted': async () => {
        await this.#redis.kill();
        await delay(lockTime * random());
        await this.#redis.restart();
      },
      'Redis emptied': async () => this.#redis.call('FLUSHALL'),
    };
    const names = Object.keys(kinds);
    const name = names[Math.floor(random() * names.length)] ?? '';
    this.#faults[name] = (this.#faults[name] ?? 0) + 1;
    await kinds[name]?.();
    log(`${name} (${this.#hosts.requests} requests)`);
  }

  /** Ends a worker, and starts another. */
  async #end(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    member.process.kill(signal);
    await member.ended;
    await this.#startWorker();
  }

  async #startWorker(): Promise<void> {
    const { command, dir, lockTime } = this.#settings;
    const disk = join(dir, `disk-${this.#started++}`);
    await mkdir(disk, { recursive: true });
    const args = [
      'work',
      '--job',
      this.#job,
      '--concurrency',
      '200',
      '--max-lanes',
      '20',
      '--grace',
      '500ms',
    ];
    const child = spawn(command.node, [command.cli, ...args], {
      env: {
        PATH: process.env['PATH'],
        TMPDIR: disk,
        URLMILL_QUEUE: this.#redis.url,
        URLMILL_TEST_LOCK_TIME: `${lockTime}`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const member: Member = { process: child, disk, ended: this.#ended(child, () => member), stderr: '' };
    child.stderr.on('data', (data) => (member.stderr = `${member.stderr}${String(data)}`.slice(-2000)));
    this.#members.add(member);
  }

  async #ended(child: ChildProcess, memberOf: () => Member): Promise<void> {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    const member = memberOf();
    this.#members.delete(member);
    // 6: it was asked to stop. If SIGTERM came before it had a handler and began anything, it died by the
    // signal.
    const isEarly = signal === 'SIGTERM' && member.stderr === '';
    if (code !== 0 && code !== 6 && signal !== 'SIGKILL' && code !== 143 && !isEarly) {
      this.#problems.push(`a worker ended with ${code ?? signal}: ${member.stderr}`);
    }
  }

  async #command(name: string, args: readonly string[]): Promise<void> {
    const { command } = this.#settings;
    const child = spawn(command.node, [command.cli, name, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [stderr, [code]] = await Promise.all([
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    if (code !== 0) throw new Error(`urlmill ${name} ended with ${code}: ${stderr}`);
  }
}
