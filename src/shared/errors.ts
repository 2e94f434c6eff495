/**
 * What ends a run. What goes wrong with one row is not here: it is a failure code in that row.
 *
 *     RunError
 *     ├ UsageError    an option, the configuration or the choice of column is wrong
 *     ├ InputError    the input cannot be read
 *     ├ OutputError   the output cannot be written
 *     └ BusyError     another run holds the output
 *
 * Anything else that is thrown is a bug in urlmill.
 */
export class RunError extends Error {
  override readonly name: string = 'RunError';
}

export class UsageError extends RunError {
  override readonly name = 'UsageError';
}

export class InputError extends RunError {
  override readonly name = 'InputError';
}

export class OutputError extends RunError {
  override readonly name = 'OutputError';
}

/** The reader of the pipe went away: not a fault, but the run is over. */
export class PipeClosedError extends OutputError {}

/** Another run writes to the same output. */
export class BusyError extends RunError {
  override readonly name = 'BusyError';
}

/** The error of this name: from another thread comes only what it says. */
export function runErrorOf(name: string, message: string): RunError {
  const makers = [UsageError, InputError, OutputError, BusyError].map((Maker) => new Maker(message));
  return makers.find((error) => error.name === name) ?? new RunError(message);
}

/** The system's own words for an error (`ENOSPC: no space left on device`) without the call and the path. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, \w+( '.*)?$/s, '');
}

export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
