import { grouped } from '../../watch/progress.ts';
import { bucketLimits } from '../count/durations.ts';
import { mostHosts } from '../count/hosts.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { missing } from './facts.ts';
import type { Facts } from './facts.ts';
import { counted, duration, link, milliseconds, note, percent, section, table } from './parts.ts';
import type { Section } from './parts.ts';

const hostsShown = 15;

/** Rows that a host must have to be listed as slow, if enough hosts have that many. */
const leastRows = 5;

/** Rows over the time of the run; how long answers took: all, by host, the slowest. */
export function times(facts: Facts): readonly (Section | null)[] {
  return [overTime(facts), firstByte(facts)];
}

function overTime({ figures: { timeLine } }: Facts): Section | null {
  const spans = timeLine.spans();
  if (spans.length < 2) return null;
  const width = duration(timeLine.width);
  const data = table(
    `Good and failed rows in every ${width}`,
    [{ title: 'From (UTC)' }, { title: 'Good', kind: 'number' }, { title: 'Failed', kind: 'number' }],
    spans.map(({ start, good, failed }) => {
      const time = new Date(start).toISOString();
      return [
        html`<time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time>`,
        grouped(good),
        grouped(failed),
      ];
    }),
    html` data-chart="time-line" data-width="${timeLine.width}"`,
  );
  return section(
    'time-line',
    'Over time',
    html`<p>
      <span class="key good">Good</span> and <span class="key failed">failed</span> rows by when their last
      attempt began, in every ${width} (UTC).
    </p> `,
    figure(data),
  );
}

function firstByte(facts: Facts): Section | null {
  const { durations, isFirstByte, slowest } = facts.figures;
  const what = isFirstByte ? 'Time to first byte' : 'Time of a row';
  const column = html`<code>${facts.columns.prefix}${isFirstByte ? 'first_byte_ms' : 'ms'}</code>`;
  const meaning = isFirstByte
    ? html`From the start of the last request to its response headers (${column}), of rows with a status.`
    : html`The whole last attempt, with connection, redirects and body (${column}), of rows with a status.`;
  const hint = isFirstByte ? null : missing(facts, 'first_byte_ms', 'the time to the first byte alone');
  if (durations.count === 0) return hint === null ? null : section('times', what, hint);
  return section(
    'times',
    what,
    html`<p>${meaning}</p> `,
    quantiles(facts),
    figure(histogram(facts, what)),
    hint,
    slowHosts(facts),
    html`<h3>Slowest rows</h3>`,
    table(
      'The slowest rows',
      [{ title: 'URL', kind: 'wide' }, { title: 'Status' }, { title: 'Time', kind: 'number' }],
      slowest.rows.map(({ url, status, ms }) => [link(url), String(status ?? ''), milliseconds(ms)]),
    ),
  );
}

function quantiles({ figures: { durations } }: Facts): Markup {
  const all = [
    ['Half within', durations.quantile(0.5)],
    ['90 % within', durations.quantile(0.9)],
    ['99 % within', durations.quantile(0.99)],
    ['Longest', durations.max],
  ] as const;
  return html`<dl class="figures small">
    ${all.map(
      ([title, ms]) =>
        html`<div>
          <dt>${title}</dt>
          <dd><strong>${Number.isNaN(ms) ? '> 100 s' : milliseconds(ms)}</strong></dd>
        </div> `,
    )}
  </dl> `;
}

function histogram({ figures: { durations } }: Facts, what: string): Markup {
  const { buckets, count } = durations;
  const used = [...buckets.keys()].filter((bucket) => (buckets[bucket] ?? 0) > 0);
  const [first = 0, last = 0] = [used[0], used.at(-1)];
  const shown = [...buckets.keys()].slice(first, last + 1);
  return table(
    `${what}: rows by duration`,
    [{ title: 'Milliseconds' }, { title: 'Rows', kind: 'number' }, { title: 'Share', kind: 'number' }],
    shown.map((bucket) => {
      const rows = buckets[bucket] ?? 0;
      const [from, to] = [bucketLimits[bucket - 1] ?? 0, bucketLimits[bucket]];
      const range = to === undefined ? `${grouped(from)} and more` : `${grouped(from)} to < ${grouped(to)}`;
      return [
        html`<span data-from="${from}" data-to="${to ?? null}">${range}</span>`,
        grouped(rows),
        percent(rows, count),
      ];
    }),
    html` data-chart="histogram"`,
  );
}

function slowHosts({ figures: { hosts } }: Facts): Markup | null {
  const enough = hosts.slowest(hostsShown, leastRows);
  const least = enough.length >= hostsShown / 3 ? leastRows : 1;
  const shown = least === 1 ? hosts.slowest(hostsShown, 1) : enough;
  if (hosts.count < 2) return null;
  const exact = hosts.isExact
    ? ''
    : ` There are more than ${grouped(mostHosts)} hosts: those with the fewest rows may be missing, and figures may be of some rows of a host.`;
  return html`<h3>Slowest hosts</h3>
    ${figure(
      table(
        'Hosts with the longest median time',
        [
          { title: 'Host', kind: 'wide' },
          { title: 'Rows', kind: 'number' },
          { title: 'Median, about', kind: 'number' },
          { title: 'Mean', kind: 'number' },
          { title: 'Longest', kind: 'number' },
        ],
        shown.map(({ host, figures: { count, median, mean, max } }) => [
          html`<bdi class="url">${host}</bdi>`,
          grouped(count),
          milliseconds(Math.min(Number(median.toPrecision(3)), max)),
          milliseconds(mean),
          milliseconds(max),
        ]),
        html` data-chart="hosts"`,
      ),
    )}
    ${note(
      `Hosts with ${counted(least, 'row')} or more with a status, by their median. Medians are known within 7 %; means and longest are exact.${exact}`,
    )}`;
}

/** A table, and the place for the chart that the script draws from it. The table stays, as the chart's text. */
export function figure(data: Markup): Markup {
  return html`<figure class="chart">
    <details open>
      <summary>The figures as a table</summary>
      ${data}
    </details>
  </figure> `;
}
