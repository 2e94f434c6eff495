import type { Log } from '../watch/log.ts';
import { exitCodes } from './exit-codes.ts';

/**
 * Brings into the log what others write to standard error: Node, libraries, threads. In JSON, whatever comes there is an
 * object. What Node says as it dies, for lack of memory say, and what native code and other processes write stays as it is.
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
  // Node's own listener writes past the stream.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.tell('node-warning', `${name}: ${message}`));
  process.on('uncaughtException', (error: unknown) => {
    tellBug(error, log);
    process.exit(exitCodes.bug.code);
  });
}

/** Tells of an error that is none of the errors that a run may end with. */
export function tellBug(error: unknown, log: Log): void {
  const stack = (error instanceof Error ? (error.stack ?? error.message) : String(error)).split('\n');
  log.tell('bug', 'a bug in urlmill; please report it:', { stack, exitCode: exitCodes.bug.code });
  if (log.format === 'text') for (const line of stack) log.tell('bug', line);
}
