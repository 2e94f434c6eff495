import { STATUS_CODES } from 'node:http';

import { failures } from '../../shared/failures.ts';
import { hasFailed } from '../../shared/statuses.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import type { Counted, TopCounts } from '../count/top-counts.ts';
import { has } from './facts.ts';
import type { Facts } from './facts.ts';
import { barTable, section } from './parts.ts';
import type { Bar, BarKind, Section } from './parts.ts';

/** Codes that a table shows; the others are one line. */
const mostShown = 30;

/** Statuses and failure codes as bars. */
export function outcomes(facts: Facts): Section {
  const { statuses, errors, rows } = facts.figures;
  return section(
    'outcomes',
    'Outcomes',
    has(facts, 'status')
      ? html`<h3>HTTP status</h3>
          ${barTable('Rows by HTTP status', 'Status', statusBars(statuses), rows)}`
      : null,
    has(facts, 'error')
      ? html`<h3>Failure codes</h3>
          ${
            errors.total === 0
              ? html`<p>No row has a failure code.</p>`
              : barTable('Rows by failure code', 'Failure', errorBars(errors), rows)
          }`
      : null,
  );
}

/** In the order of the statuses, those without one last. */
function statusBars(statuses: TopCounts): Bar[] {
  return codeBars(
    statuses,
    (a, b) => orderOf(a) - orderOf(b),
    (key) =>
      key === ''
        ? { name: html`none <span class="faint">no response</span>`, kind: 'failed' }
        : {
            name: html`<code>${key}</code> <span class="faint">${STATUS_CODES[key] ?? ''}</span>`,
            kind: kindOfStatus(Number(key)),
          },
  );
}

function orderOf({ key }: Counted): number {
  return key === '' ? Infinity : Number(key);
}

function kindOfStatus(status: number): BarKind {
  if (hasFailed(status, null)) return 'failed';
  return status >= 200 && status < 300 ? 'good' : 'plain';
}

function errorBars(errors: TopCounts): Bar[] {
  return codeBars(
    errors,
    () => 0,
    (key) => ({ name: named(key, meaning(key)), kind: 'failed' }),
  );
}

/** Bars of the most frequent codes, sorted by `order`, and one bar for all others. */
export function codeBars(
  counts: TopCounts,
  order: (a: Counted, b: Counted) => number,
  shownOf: (key: string) => Omit<Bar, 'count'>,
): Bar[] {
  const top = counts.top(mostShown);
  const others = counts.total - top.reduce((sum, { count }) => sum + count, 0);
  const bars: Bar[] = top.toSorted(order).map(({ key, count }) => {
    const { name, kind = 'plain' } = shownOf(key);
    return { name, kind, count };
  });
  return others > 0 ? [...bars, { name: 'others', count: others }] : bars;
}

/** A code, and what it means. */
export function named(code: string, about: string): Markup {
  return html`<code>${code}</code>${about === '' ? null : html` <small>${about}</small>`}`;
}

/** The first sentence of what a code means. */
function meaning(code: string): string {
  if (!Object.hasOwn(failures, code)) return '';
  const [first = ''] = failures[code as keyof typeof failures].help.split(/(?<=\.) /, 1);
  return first.replace(/\.$/, '').replaceAll('`', '');
}
