import type { ProgressSource } from './progress.ts';
import type { Statistics } from './statistics.ts';
import type { Summary } from './summary.ts';

/** What is going on at the hosts. */
export interface Load {
  /** Requests in flight. */
  readonly inFlight: number;
  /** Hosts that are not tried for now, as they have failed too often. */
  readonly hostsDown: number;
}

export interface MetricsSource extends Pick<ProgressSource, 'input'> {
  readonly statistics: Pick<
    Statistics,
    'rows' | 'failed' | 'bytes' | 'wireBytes' | 'statuses' | 'failures' | 'seconds' | 'startedAt'
  >;
  /** Null when others fetch, as for a job of many machines. */
  readonly load: () => Load | null;
}

export type Outcome = Summary['outcome'] | 'running';

/** What metrics tell besides the figures of their source. */
export interface Moment {
  /** The label `run` of all samples: files of several jobs may be collected together. */
  readonly run: string;
  readonly version: string;
  readonly outcome: Outcome;
  /** When a run was complete last, in seconds since 1970; null when that is not known. */
  readonly lastSuccess: number | null;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The figures of a run in the text format of Prometheus (exposition format 0.0.4). */
export function metricsText(source: MetricsSource, { run, version, outcome, lastSuccess }: Moment): string {
  const { statistics } = source;
  const { rows, failed, bytes, wireBytes, statuses, failures, seconds, startedAt } = statistics;
  const { read, total, exact } = source.input();
  const load = source.load();
  const withStatus = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  const byStatus = [...[...statuses].toSorted(([a], [b]) => a - b), ['none', rows - withStatus] as const];
  const families: Family[] = [
    gauge('urlmill_info', 'Version of urlmill, as a label; the value is always 1.', [[{ version }, 1]]),
    counter(
      'urlmill_rows_total',
      'Rows in the result by HTTP status, including those of the runs that this one resumed.',
      byStatus
        .filter(([, count]) => count > 0 || rows === 0)
        .map(([status, count]) => [{ status: String(status) }, count]),
    ),
    counter(
      'urlmill_row_failures_total',
      'Rows with a failure code, by code.',
      [...failures].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => [{ code }, count]),
    ),
    counter(
      'urlmill_failed_rows_total',
      'Rows with a failure code or a status of 400 and above.',
      one(failed),
    ),
    counter('urlmill_body_bytes_total', 'Decoded bytes of bodies.', one(bytes)),
    counter('urlmill_wire_bytes_total', 'Bytes of bodies as received, before decoding.', one(wireBytes)),
    gauge('urlmill_requests_in_flight', 'Requests in flight.', load === null ? [] : one(load.inFlight)),
    gauge(
      'urlmill_hosts_down',
      'Hosts that are not tried for now, because they failed too often.',
      load === null ? [] : one(load.hostsDown),
    ),
    gauge('urlmill_rows_read', 'Rows of the input read so far.', one(read)),
    gauge(
      'urlmill_rows_expected',
      'Rows in the whole input; an estimate (label estimate) until all of them are read.',
      total === null ? [] : [[{ estimate: exact ? 'no' : 'yes' }, total]],
    ),
    gauge('urlmill_start_time_seconds', 'When the run began, in seconds since 1970.', one(startedAt / 1000)),
    gauge(
      'urlmill_run_duration_seconds',
      'How long the run has taken so far.',
      one(Number(seconds.toFixed(3))),
    ),
    gauge(
      'urlmill_outcome',
      'State of the run: 1 for the outcome that it has now, 0 for the others.',
      (['running', 'done', 'stopped', 'failed'] as const).map((each) => [
        { outcome: each },
        Number(each === outcome),
      ]),
    ),
    gauge(
      lastSuccessName,
      'When a run last completed, in seconds since 1970.',
      lastSuccess === null ? [] : one(lastSuccess),
    ),
  ];
  return families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => textOf(family, run))
    .join('');
}

const lastSuccessName = 'urlmill_last_success_timestamp_seconds';

/** Whether a file holds the metrics of a run. */
export function isOfRun(text: string): boolean {
  return /^urlmill_outcome\{/m.test(text);
}

/** What an earlier file tells of the last success; null when it tells nothing. */
export function lastSuccessIn(text: string): number | null {
  const [, value] =
    new RegExp(String.raw`^${lastSuccessName}(?:\{.*\})? (\d+(?:\.\d+)?)$`, 'm').exec(text) ?? [];
  return value === undefined ? null : Number(value);
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'counter', help, samples };
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: 'gauge', help, samples };
}

function one(value: number): readonly Sample[] {
  return [[{}, value]];
}

function textOf({ name, type, help, samples }: Family, run: string): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries({ run, ...labels }).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
}
