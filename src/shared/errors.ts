/**
 * Errors that end a run. The failure of a single row is a failure code in that row instead.
 *
 *     RunError
 *     ├ UsageError    an option, the configuration or the choice of column is wrong
 *     ├ InputError    the input cannot be read
 *     ├ OutputError   the output cannot be written
 *     └ BusyError     another run holds the output
 *
 * Any other error that is thrown is a bug in urlmill.
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

/** The reader of the output pipe has closed it, as `head` does. */
export class PipeClosedError extends OutputError {}

/** Another run writes to the same output. */
export class BusyError extends RunError {
  override readonly name = 'BusyError';
}

/** Restores an error that came from another thread as name and message. */
export function runErrorOf(name: string, message: string): RunError {
  const makers = [UsageError, InputError, OutputError, BusyError].map((Maker) => new Maker(message));
  return makers.find((error) => error.name === name) ?? new RunError(message);
}

/** The system's words for an error, without code, call and path: `no space left on device`. */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: /, '').replace(/, \w+( '.*)?$/s, '');
}

/** `ENOENT` and the like; empty when the error has no code. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
