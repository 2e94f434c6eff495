import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Redis } from 'ioredis';

/** A separate redis-server with its own data folder. */
export class RedisServer {
  readonly #folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | null = null;
  port = 0;

  /** @param options of redis-server. Default: every write is synced to disk at once */
  static async start(options: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always']) {
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'urlmill-redis-')), options);
    // Another process may have taken the free port meanwhile.
    for (let tries = 0; !(await server.#start(await freePort())); tries++) {
      if (tries === 10) throw new Error('redis-server (Debian: apt-get install redis-server) does not start');
    }
    return server;
  }

  private constructor(folder: string, options: readonly string[]) {
    this.#folder = folder;
    this.#options = options;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'close');
  }

  /** Starts it again on the same port, with the data on disk. */
  async restart(): Promise<void> {
    if (!(await this.#start(this.port))) throw new Error('redis-server does not start again');
  }

  /** Runs one command. */
  async call(...words: readonly [string, ...string[]]): Promise<unknown> {
    const redis = new Redis(this.port, { lazyConnect: true });
    try {
      return await redis.call(...words);
    } finally {
      redis.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(port: number): Promise<boolean> {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const child = spawn('redis-server', [...args, ...this.#options], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.port = port;
    this.#process = child;
    // redis-server may not be installed; `close` follows.
    child.on('error', () => {});
    return new Promise((resolve) => {
      child.once('close', () => resolve(false));
      createInterface(child.stdout).on('line', (line) => {
        if (/ready to accept connections/i.test(line)) resolve(true);
      });
    });
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
