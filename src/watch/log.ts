import { withoutCredentials } from '../shared/credentials.ts';
import { printable } from './escape.ts';

export type LogFormat = 'text' | 'json';

/** The events on standard error, by which programs recognise the lines of `--log-format json`. */
export const logEvents = {
  notice: { level: 'warning', help: 'News or a warning about the run as a whole, while it goes on.' },
  insecure: { level: 'warning', help: 'TLS certificates are not verified (`--insecure`).' },
  progress: {
    level: 'info',
    help: 'How far the run is, every 30 s and when SIGUSR1 or SIGINFO asks for it. `rows` done, `total` (null when unknown), `exact` (false while `total` is an estimate), `rate` (rows per second during the last minute), `failed` (rows that count for `--fail-on`), `errors` (rows with a failure code), `etaSeconds` (estimated seconds left; null when unknown)',
  },
  closing: {
    level: 'info',
    help: 'The run has ended, early or not. The figures of `--summary` without `hosts` and `options`; `leftIn`, the file with the rows of a run that ended early (else null); `canResume`, whether `--resume` can continue the run if it ended early',
  },
  summary: {
    level: 'info',
    help: 'With `--summary -`, at the end. `summary`: the figures that `--summary FILE` writes',
  },
  failures: {
    level: 'error',
    help: 'More rows failed than `--fail-on` allows. `rows`, `failed`, `percent`, `exitCode`',
  },
  error: { level: 'error', help: 'The error that ended the run or kept it from starting. `exitCode`' },
  bug: { level: 'error', help: 'A bug in urlmill. `stack`, `exitCode`' },
  'module-print': { level: 'info', help: 'A line that a module printed.' },
  'node-warning': { level: 'warning', help: 'A warning of Node.' },
  print: { level: 'info', help: 'A line that anything else wrote to standard error.' },
} as const;

export type LogEvent = keyof typeof logEvents;

const wipe = '\r\u001b[K';

/** A line of which only the beginning has been printed so far. */
interface Begun {
  readonly event: LogEvent;
  readonly decoder: TextDecoder;
  line: string;
}

/** Characters after which an unfinished line is written as if it had ended. */
const longestLine = 65_536;

/**
 * Standard error: all that a run tells goes through here, as text for people or as one JSON object per line. On a
 * terminal a live line, the progress, can stand below it.
 */
export class Log {
  readonly #findFormat: () => LogFormat;
  #format: LogFormat | null = null;
  readonly #write: (data: string | Uint8Array) => void;
  /** The live line that is on the terminal now; empty when there is none. */
  #live = '';
  /**
   * Unfinished lines, keyed by the console or stream that prints them, so that their output is never mixed within a
   * line.
   */
  readonly #begun = new Map<string, Begun>();

  /** @param format is called once, when there is something to tell */
  constructor(write: (data: string | Uint8Array) => void, format: () => LogFormat) {
    this.#write = write;
    this.#findFormat = format;
  }

  get format(): LogFormat {
    this.#format ??= this.#findFormat();
    return this.#format;
  }

  /**
   * @param message may hold text from the network
   * @param fields further members of the JSON object
   */
  tell(event: LogEvent, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const shown = printable(withoutCredentials(message), 1000);
    const line = this.format === 'json' ? jsonLine(event, shown, fields) : `urlmill: ${shown}\n`;
    this.above(() => this.#write(line));
  }

  /**
   * Passes on what modules, Node or libraries print: unchanged as text, or each line as an object of JSON.
   *
   * @param stream tells apart those that print at the same time
   */
  print(event: LogEvent, data: string | Uint8Array, stream = ''): void {
    if (this.format === 'text') return this.above(() => this.#write(data));
    const key = [event, typeof data, stream].join(' ');
    const begun = this.#begun.get(key) ?? { event, decoder: new TextDecoder(), line: '' };
    this.#begun.set(key, begun);
    const text = typeof data === 'string' ? data : begun.decoder.decode(data, { stream: true });
    const lines = (begun.line + text).split('\n');
    begun.line = lines.pop() ?? '';
    if (begun.line.length > longestLine) {
      lines.push(begun.line);
      begun.line = '';
    }
    for (const line of lines) this.#printLine(event, line);
  }

  /** Writes the lines that are still unfinished. */
  end(): void {
    for (const { event, line } of this.#begun.values()) if (line !== '') this.#printLine(event, line);
    this.#begun.clear();
  }

  /** Shows a line below everything else. The next call replaces it; an empty text removes it. */
  live(line: string): void {
    if (line !== '' || this.#live !== '') this.#write(wipe + line);
    this.#live = line;
  }

  /** Lets others write to the terminal: the live line is wiped before, and drawn again below. */
  above(write: () => void): void {
    const line = this.#live;
    this.live('');
    write();
    if (line !== '') this.live(line);
  }

  #printLine(event: LogEvent, line: string): void {
    this.#write(jsonLine(event, line.replace(/\r$/, '')));
  }
}

/** An event as a line of JSON. It is safe to print on a terminal, and so are its texts after they are parsed. */
export function jsonLine(
  event: LogEvent,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const { level } = logEvents[event];
  const entry = { time: new Date().toISOString(), level, event, message, ...fields };
  const json = JSON.stringify(entry, (_, value: unknown) =>
    typeof value === 'string' ? printable(withoutCredentials(value), Infinity) : value,
  );
  return `${json}\n`;
}
