import { BusyError, InputError, OutputError, PipeClosedError, UsageError } from '../shared/errors.ts';

/** The exit codes of the command. --help and docs/options.md are made from this table. */
export const exitCodes = {
  done: { code: 0, help: 'every row is written' },
  bug: { code: 1, help: 'a bug in urlmill' },
  usage: { code: 2, help: 'wrong usage or configuration' },
  input: { code: 3, help: 'the input cannot be read' },
  output: { code: 4, help: 'the output cannot be written' },
  failures: { code: 5, help: 'more rows failed than --fail-on allows' },
  limited: { code: 6, help: 'stopped early by a limit; continue with --resume' },
  busy: { code: 7, help: 'another run holds this output' },
  hungUp: { code: 129, help: 'stopped by SIGHUP; continue with --resume' },
  interrupted: { code: 130, help: 'stopped by SIGINT; continue with --resume' },
  pipeClosed: { code: 141, help: 'the reader of the pipe closed it' },
  terminated: { code: 143, help: 'stopped by SIGTERM; continue with --resume' },
} as const;

/** What each code means. */
export const allExitCodes: Readonly<Record<number, string>> = meanings(Object.values(exitCodes));

/** The codes that every sub-command has. */
export const usualExitCodes: Readonly<Record<number, string>> = {
  ...meanings([exitCodes.bug, exitCodes.usage, exitCodes.input, exitCodes.output, exitCodes.pipeClosed]),
  [exitCodes.done.code]: 'success',
};

function meanings(
  rows: readonly { readonly code: number; readonly help: string }[],
): Readonly<Record<number, string>> {
  return Object.fromEntries(rows.map(({ code, help }) => [code, help]));
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage.code;
  if (error instanceof InputError) return exitCodes.input.code;
  if (error instanceof PipeClosedError) return exitCodes.pipeClosed.code;
  if (error instanceof OutputError) return exitCodes.output.code;
  if (error instanceof BusyError) return exitCodes.busy.code;
  return exitCodes.bug.code;
}
