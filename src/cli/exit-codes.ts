import { BusyError, InputError, OutputError, PipeClosedError, UsageError } from '../shared/errors.ts';

/** The exit codes of the command: the one table that --help and docs/options.md show. */
export const exitCodes = {
  done: { code: 0, help: 'every row is written' },
  bug: { code: 1, help: 'a bug in urlmill' },
  usage: { code: 2, help: 'usage or configuration' },
  input: { code: 3, help: 'the input cannot be read' },
  output: { code: 4, help: 'the output cannot be written' },
  failures: { code: 5, help: 'more rows have failed than --fail-on allows' },
  limited: { code: 6, help: 'stopped early by a limit; --resume goes on' },
  busy: { code: 7, help: 'another run holds this output' },
  hungUp: { code: 129, help: 'stopped by SIGHUP; --resume goes on' },
  interrupted: { code: 130, help: 'stopped by SIGINT; --resume goes on' },
  pipeClosed: { code: 141, help: 'the reader of the pipe went away' },
  terminated: { code: 143, help: 'stopped by SIGTERM; --resume goes on' },
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage.code;
  if (error instanceof InputError) return exitCodes.input.code;
  if (error instanceof PipeClosedError) return exitCodes.pipeClosed.code;
  if (error instanceof OutputError) return exitCodes.output.code;
  if (error instanceof BusyError) return exitCodes.busy.code;
  return exitCodes.bug.code;
}
