import { basename } from 'node:path';

import { exitCodes } from './exit-codes.ts';

const codes: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: exitCodes.interrupted.code,
  SIGTERM: exitCodes.terminated.code,
  SIGHUP: exitCodes.hungUp.code,
};

/** The first signal stops the run gracefully, the second one ends the process at once. */
export class Signals {
  /** The exit code for the first signal; null before it. */
  code: number | null = null;
  readonly #stop: () => void;
  readonly #handled: readonly NodeJS.Signals[];

  constructor(stop: () => void) {
    this.#stop = stop;
    const all = Object.keys(codes) as NodeJS.Signals[];
    this.#handled = isUnderNohup() ? all.filter((signal) => signal !== 'SIGHUP') : all;
    for (const signal of this.#handled) process.on(signal, this.#take);
    if (isUnderNohup()) process.on('SIGHUP', ignore);
  }

  dispose(): void {
    for (const signal of this.#handled) process.off(signal, this.#take);
  }

  readonly #take = (signal: NodeJS.Signals): void => {
    const code = codes[signal] ?? exitCodes.terminated.code;
    if (this.code !== null) process.exit(code);
    this.code = code;
    this.#stop();
  };
}

function ignore(): void {}

/** nohup ignores SIGHUP, and Node resets that at its start. The shell's variable `_` still names the command nohup. */
function isUnderNohup(): boolean {
  return basename(process.env['_'] ?? '') === 'nohup';
}
