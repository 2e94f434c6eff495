/**
 * A process that runs the built command again and again, each time in the folder and environment of that run,
 * because loading the command takes ten times as long as most runs. command-hosts.ts starts this process and
 * sends it one run at a time.
 */
import { Console } from 'node:console';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import type * as Bundle from '../../src/cli/command.ts';
import type { Hosted, HostedEnd } from './command-hosts.ts';

const bundle = new URL('../../command/command.js', import.meta.url);
const { command } = (await import(bundle.href)) as typeof Bundle;
const exit = process.exit.bind(process);
const listeners = new Map(
  ['warning', 'uncaughtException'].map((event) => [event, process.listeners(event as 'warning')]),
);
const atRest = process.getActiveResourcesInfo().length;

process.on('message', (run: Hosted) => void answer(run));
process.on('disconnect', () => exit());

async function answer({ args, cwd, input, environment }: Hosted): Promise<void> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  const stdout = new Collected();
  const stderr = new Collected();
  Object.assign(globalThis, { console: new Console(stdout, stderr) });
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input, 'base64')], { objectMode: false });
  own({ stdin, stdout, stderr });
  const code = await new Promise<number | string | null | undefined>((resolve) => {
    own({ exit: resolve });
    void command(args);
  });
  process.chdir('/');
  for (const [event, first] of listeners) {
    process.removeAllListeners(event);
    for (const listener of first) process.on(event, listener);
  }
  process.exitCode = undefined;
  const ended = { code: Number(code), stdout: stdout.text(), stderr: stderr.text() };
  process.send?.({ ended, leaves: !(await isAtRest()) } satisfies HostedEnd);
}

/** Waits up to 0.2 s until nothing of the run is left, including threads that are still ending. */
async function isAtRest(): Promise<boolean> {
  for (let looks = 0; looks < 100; looks++) {
    if (process.getActiveResourcesInfo().length <= atRest) return true;
    // oxlint-disable-next-line no-await-in-loop -- it is looked at again and again
    await delay(2);
  }
  return false;
}

function own(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(process, name, { value, configurable: true });
  }
}

/** Collects the standard output or standard error of one run. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#chunks.push(chunk);
    callback();
  }

  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#chunks));
  }
}
