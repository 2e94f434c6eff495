import { UsageError } from '../../shared/errors.ts';
import { optionFile } from '../../options/option-file.ts';

/** Where the queue is. */
export interface QueueAddress {
  /** With the login, if there is one. */
  readonly url: string;
  /** The same for people: no user, no password. */
  readonly shown: string;
}

/**
 * Reads `--queue`, or what stands in its place in the environment.
 *
 * @param said `redis://HOST[:PORT][/DB]`, `rediss://` for TLS, or `@FILE` with such a line
 * @param environment `URLMILL_QUEUE`; empty when it is not set
 * @throws UsageError without repeating what may be a password
 */
export function queueAddress(said: string | undefined, environment: string): QueueAddress {
  const text = said ?? environment;
  if (text === '') {
    throw new UsageError('--queue: name the Redis of the job, as in --queue redis://queue.example:6379');
  }
  const isFile = text.startsWith('@');
  const url = (isFile ? optionFile('--queue', text.slice(1)).toString() : text).trim();
  const parsed = parse(url);
  if (parsed.password !== '' && said !== undefined && !isFile) {
    throw new UsageError(
      '--queue: whoever lists the processes of this machine sees a password on the command line; put the address into a file (--queue @FILE) or into URLMILL_QUEUE',
    );
  }
  return { url, shown: `${parsed.protocol}//${parsed.host}${parsed.pathname}` };
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== '') {
    if (/^\/?\d*$/.test(parsed.pathname)) return parsed;
    throw new UsageError('--queue: what stands behind the host of an address is a number of a database');
  }
  throw new UsageError('--queue: an address like redis://HOST:PORT, or rediss:// with TLS, is needed');
}
