import { basename } from 'node:path';

import { exitCodes } from './exit-codes.ts';

const codes: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: exitCodes.interrupted.code,
  SIGTERM: exitCodes.terminated.code,
  SIGHUP: exitCodes.hungUp.code,
};

/** Signals that ask for the progress line, as with dd: SIGUSR1, and SIGINFO (Ctrl-T) where a terminal has it. */
const questions = ['SIGUSR1', 'SIGINFO'] as const;

/**
 * Ignores SIGUSR1. Without a listener Node opens its debugger at this signal, on a port that every user of the machine can reach.
 * To be called as early as possible; the listener stays until the process ends.
 */
export function keepDebuggerClosed(): void {
  process.on('SIGUSR1', ignore);
}

/** What a run does at a signal. */
export interface SignalActions {
  readonly stop: () => void;
  readonly report: () => void;
  /** The process ends at once, with this code. */
  readonly abandon: (code: number) => void;
}

/** The first signal stops the run gracefully, the second ends the process at once. Some signals only ask for progress. */
export class Signals {
  /** The exit code for the first signal; null before it. */
  code: number | null = null;
  readonly #actions: SignalActions;
  readonly #handled: readonly NodeJS.Signals[];

  constructor(actions: SignalActions) {
    this.#actions = actions;
    const all = Object.keys(codes) as NodeJS.Signals[];
    this.#handled = isUnderNohup() ? all.filter((signal) => signal !== 'SIGHUP') : all;
    for (const signal of this.#handled) process.on(signal, this.#take);
    for (const signal of questions) process.on(signal, actions.report);
    if (isUnderNohup()) process.on('SIGHUP', ignore);
  }

  dispose(): void {
    for (const signal of this.#handled) process.off(signal, this.#take);
    for (const signal of questions) process.off(signal, this.#actions.report);
  }

  readonly #take = (signal: NodeJS.Signals): void => {
    const code = codes[signal] ?? exitCodes.terminated.code;
    if (this.code !== null) {
      this.#actions.abandon(code);
      process.exit(code);
    }
    this.code = code;
    this.#actions.stop();
  };
}

function ignore(): void {}

/** nohup ignores SIGHUP, and Node resets that at its start. The shell's variable `_` still names the command nohup. */
function isUnderNohup(): boolean {
  return basename(process.env['_'] ?? '') === 'nohup';
}
