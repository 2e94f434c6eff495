import type { Redis } from 'ioredis';

import { RunError, UsageError } from '../../shared/errors.ts';
import type { QueueAddress } from './address.ts';
import type { Peers } from './peers.ts';

/** The queue could not be reached for too long. */
export class QueueLostError extends RunError {
  override readonly name = 'QueueLostError';
}

export interface LinkOptions {
  /** Milliseconds for which Redis may be away. */
  readonly wait: number;
  readonly notice: (text: string) => void;
  /** Called once, when Redis has been away for too long, or refuses the login. */
  readonly onLost: (error: RunError) => void;
  /** Called whenever Redis has become reachable. */
  readonly onReady: () => void;
}

/** The connection to Redis. It is made again whenever it is lost, until Redis has been away for too long (`wait`). */
export class RedisLink {
  readonly redis: Redis;
  readonly #shown: string;
  /** The password as the address has it, and as it is meant. */
  readonly #secrets: readonly string[];
  readonly #options: LinkOptions;
  #timer: NodeJS.Timeout | null = null;
  #reason = '';
  #isAway = false;
  readonly #closed = new AbortController();

  constructor({ ioredis }: Peers, { url, shown }: QueueAddress, options: LinkOptions) {
    this.#shown = shown;
    const { password } = new URL(url);
    this.#secrets = [password, decoded(password)].filter((text) => text !== '');
    this.#options = options;
    this.redis = new ioredis.Redis(url, {
      // BullMQ requires this: its commands wait until Redis is there again.
      maxRetriesPerRequest: null,
      retryStrategy: (tries: number) => Math.min(tries * 100, 1000),
      connectTimeout: 5000,
    });
    this.redis.on('error', (error: Error) => this.#failed(error));
    this.redis.on('close', () => this.#away());
    this.redis.on('ready', () => this.#ready());
    this.#startTimer();
  }

  /** Whether commands are answered now. */
  get isReady(): boolean {
    return this.redis.status === 'ready';
  }

  /** Takes the error of a command, or of a connection that BullMQ makes from this one. */
  readonly take = (error: Error): void => this.#failed(error);

  /**
   * Aborted when the connection is given up. Commands that still wait for a connection are never answered after that.
   */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Turns an error that Redis has answered with into one that ends the run; null for all other errors. */
  refusal(error: unknown): RunError | null {
    const { name, message: said } = error instanceof Error ? error : { name: '', message: '' };
    const message = this.#withoutSecrets(said);
    const refused = (what: string): UsageError =>
      new UsageError(`--queue: ${this.#shown} ${what}: ${message}`);
    if (/^(?:NOAUTH|WRONGPASS|NOPERM|ERR invalid password)/.test(message))
      return refused('refuses the login');
    // Otherwise commands would go to the first database.
    if (/^ERR (?:invalid )?DB index/.test(message)) return refused('has no such database');
    if (message.startsWith('Unknown RESP type')) {
      return new UsageError(`--queue: ${this.#shown} does not answer as a Redis does`);
    }
    // For example, Redis is full, or has become a replica.
    const isAnswer = name === 'ReplyError';
    return isAnswer ? new QueueLostError(`the queue ${this.#shown} refuses its work: ${message}`) : null;
  }

  close(): void {
    this.#closed.abort();
    this.#stopTimer();
    this.redis.disconnect();
  }

  #failed(error: Error): void {
    // Errors of connections to several addresses have no text of their own.
    const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
    this.#reason = this.#withoutSecrets(first?.message ?? error.message);
    const refusal = this.refusal(first);
    // Other refusals may pass: the commands are tried again.
    if (refusal instanceof UsageError) this.#lose(refusal);
  }

  #away(): void {
    if (this.closed.aborted) return;
    if (!this.#isAway) {
      this.#isAway = true;
      this.#options.notice(`the queue ${this.#shown} cannot be reached${this.#because}; waiting for it`);
    }
    this.#startTimer();
  }

  #ready(): void {
    this.#stopTimer();
    if (this.#isAway) this.#options.notice(`the queue ${this.#shown} is there`);
    this.#isAway = false;
    this.#reason = '';
    this.#options.onReady();
  }

  #startTimer(): void {
    if (this.#timer !== null) return;
    const { wait } = this.#options;
    const timer = setTimeout(() => {
      // Events of connections are handled first: this process may have been stopped for a while, and Redis be there.
      setImmediate(() => this.#timer === timer && this.#tooLate());
    }, wait);
    this.#timer = timer;
  }

  #tooLate(): void {
    const seconds = Math.round(this.#options.wait / 1000);
    const words = `the queue ${this.#shown} could not be reached for ${seconds} s${this.#because}`;
    this.#lose(new QueueLostError(words));
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #lose(error: RunError): void {
    if (this.closed.aborted) return;
    this.close();
    this.#options.onLost(error);
  }

  /** What may answer in the place of a Redis repeats commands that it does not know, such as the login. */
  #withoutSecrets(text: string): string {
    const short = text.replace(/,? with args beginning with: .*$/is, '');
    return this.#secrets.reduce((hidden, secret) => hidden.replaceAll(secret, '…'), short);
  }

  get #because(): string {
    return this.#reason === '' ? '' : ` (${this.#reason})`;
  }
}

/** As ioredis reads it: what cannot be decoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
