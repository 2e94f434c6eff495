import { isNoProxy, parseProxy } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import { withoutCredentials, withoutUserInfo } from '../shared/credentials.ts';
import { allChanges } from '../shared/records.ts';
import type { Change } from '../shared/records.ts';
import type { Statistics } from './statistics.ts';

/**
 * Why a run ended early. `signal`: by a signal of the system, or the `AbortSignal` of the library. All others are
 * named after the option that ended it; `queue-wait` is one of `urlmill work` alone.
 */
export type StopReason = 'signal' | 'time-limit' | 'max-failures' | 'network-wait' | 'queue-wait';

/** The figures of a run, as `run()` returns them and `--summary` writes them as JSON. */
export interface Summary {
  /** Version of urlmill. */
  readonly version: string;
  /** When the run began: UTC, ISO 8601. */
  readonly start: string;
  /** When the run ended: UTC, ISO 8601. */
  readonly end: string;
  /** Duration of this run in seconds, without earlier runs that it resumed. */
  readonly seconds: number;
  /** `done`: all rows are written. `stopped`: ended early by a signal or a limit. `failed`: ended by an error. */
  readonly outcome: 'done' | 'stopped' | 'failed';
  /** Why it was stopped: `signal`, `time-limit`, `max-failures`, `network-wait` or `queue-wait`; else null. */
  readonly stoppedBy: StopReason | null;
  /** Rows in the output, including those of earlier runs. */
  readonly rows: number;
  /** Rows that earlier runs have written, which this one resumed. */
  readonly earlierRows: number;
  /** Comment lines of the input. */
  readonly comments: number;
  /** Rows with a failure code. */
  readonly errors: number;
  /** Number of rows by HTTP status. Rows without a response are not in it. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Number of rows by failure code, the most frequent first. */
  readonly byFailure: Readonly<Record<string, number>>;
  /** Rows with a failure code or a status of 400 and above. */
  readonly failed: number;
  /** With `--since`: how many rows are new, same, changed and so on. Otherwise empty. */
  readonly byChange: Readonly<Partial<Record<Change, number>>>;
  /** With `--since`: rows whose pages had not changed and so were not sent again; their bytes are not counted. */
  readonly notModified: number;
  /** Decoded bytes of all bodies, including those of earlier runs. */
  readonly bytes: number;
  /** Rows per second of this run alone, to one decimal. */
  readonly rowsPerSecond: number;
  /** Decoded bytes of bodies per second of this run alone, a whole number. */
  readonly bytesPerSecond: number;
  /** The ten `slowest` hosts by mean time per row, and the ten `worst` by failed rows. Empty without the option `summary`. */
  readonly hosts: ReturnType<Statistics['hosts']>;
  /** The options of the run, without values that may be secrets. */
  readonly options: Readonly<Record<string, unknown>>;
}

const hostsShown = 10;

export function summarize(
  statistics: Statistics,
  { outcome, stoppedBy, comments }: Pick<Summary, 'outcome' | 'stoppedBy' | 'comments'>,
  options: Options,
  version: string,
): Summary {
  const { rows, earlierRows, errors, failed, bytes, earlierBytes, startedAt } = statistics;
  const seconds = Math.max(statistics.seconds, 0.001);
  return {
    version,
    start: new Date(startedAt).toISOString(),
    end: new Date().toISOString(),
    seconds: rounded(seconds, 3),
    outcome,
    stoppedBy,
    rows,
    earlierRows,
    comments,
    errors,
    byStatus: counts(statistics.statuses),
    byFailure: counts(statistics.failures),
    failed,
    byChange: changeCounts(statistics.changes),
    notModified: statistics.notModified,
    bytes,
    rowsPerSecond: rounded((rows - earlierRows) / seconds, 1),
    bytesPerSecond: Math.round((bytes - earlierBytes) / seconds),
    hosts: statistics.hosts(hostsShown),
    options: shownOptions(options),
  };
}

function counts(map: ReadonlyMap<string | number, number>): Record<string, number> {
  const entries = [...map].toSorted(([, a], [, b]) => b - a);
  return Object.fromEntries(entries.map(([name, count]) => [String(name), count]));
}

function changeCounts(map: ReadonlyMap<Change, number>): Summary['byChange'] {
  return Object.fromEntries(
    allChanges.flatMap((change) => (map.has(change) ? [[change, map.get(change)]] : [])),
  );
}

/** Hides values that may be secrets: header values, request bodies, options of modules, and parts of URLs. */
function shownOptions(options: Options): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || name === 'data') continue;
    if (name === 'header')
      shown[name] = options.header.map((line) => line.replace(/^([^@:]*):.*$/s, '$1: …'));
    else if (name === 'moduleOption')
      shown[name] = options.moduleOption.map((said) => said.replace(/=.*$/s, '=…'));
    else if (name === 'proxy') shown[name] = shownProxy(String(value));
    else if (name === 'urlTemplate') shown[name] = withoutQueryValues(withoutUserInfo(String(value)));
    else shown[name] = withoutCredentialsIn(value);
  }
  return shown;
}

function withoutCredentialsIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCredentialsIn);
  return typeof value === 'string' ? withoutCredentials(value) : value;
}

/** Parsed instead of searched for credentials: a proxy needs no scheme, and its password may hold odd characters. */
function shownProxy(said: string): string {
  if (isNoProxy(said)) return said;
  const { protocol, host } = parseProxy(said);
  return `${protocol}//${host}`;
}

/** Hides literal values in query and fragment of a URL template, as they may be API keys; names and `{columns}` stay. */
function withoutQueryValues(template: string): string {
  const start = template.search(/[?#](?![^{}]*\})/) + 1;
  if (start === 0) return template;
  const parts = template
    .slice(start)
    .split('&')
    .map((part) => {
      const [, name = '', value = ''] = /^([^={}]*=)?(.*)$/s.exec(part) ?? [];
      return (
        name + value.replaceAll(/(\{[^{}]+\})|(?:(?!\{[^{}]+\}).)+/gs, (_, column?: string) => column ?? '…')
      );
    });
  return template.slice(0, start) + parts.join('&');
}

function rounded(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}
