import type { Log } from '../watch/log.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * Sends to the log what others (Node, libraries, threads) write to standard error, so that in JSON every line is an object.
 * Not caught: what Node writes as it dies, for example of lack of memory, and what native code and other processes write.
 */
export function takeStandardError(log: Log): void {
  process.stderr.write = (
    data: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean => {
    log.print('print', data);
    (typeof encoding === 'function' ? encoding : callback)?.();
    return true;
  };
  // Node's own listener does not write through process.stderr.write.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.tell('node-warning', `${name}: ${message}`));
  process.on('uncaughtException', (error: unknown) => {
    tellBug(error, log);
    process.exit(exitCodes.bug.code);
  });
}

/** Reports an error that is not one that a run may end with: a bug. */
export function tellBug(error: unknown, log: Log): void {
  const stack = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');
  log.tell('bug', 'a bug in urlmill; please report it:', { stack, exitCode: exitCodes.bug.code });
  if (log.format === 'text') for (const line of stack) log.tell('bug', line);
}
