import { BusyError, InputError, OutputError, PipeClosedError, UsageError } from '../errors.ts';

/** The exit codes of the command: the one table that --help and docs/options.md show. */
export const exitCodes = {
  done: { code: 0, help: 'every row is written' },
  bug: { code: 1, help: 'a bug in urlmill' },
  usage: { code: 2, help: 'usage or configuration' },
  input: { code: 3, help: 'the input cannot be read' },
  output: { code: 4, help: 'the output cannot be written' },
  busy: { code: 7, help: 'another run holds this output' },
  interrupted: { code: 130, help: 'stopped by SIGINT' },
  pipeClosed: { code: 141, help: 'the reader of the pipe went away' },
  terminated: { code: 143, help: 'stopped by SIGTERM' },
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage.code;
  if (error instanceof InputError) return exitCodes.input.code;
  if (error instanceof PipeClosedError) return exitCodes.pipeClosed.code;
  if (error instanceof OutputError) return exitCodes.output.code;
  if (error instanceof BusyError) return exitCodes.busy.code;
  return exitCodes.bug.code;
}
