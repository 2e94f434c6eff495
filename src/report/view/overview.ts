import { grouped } from '../../watch/progress.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { has, missing } from './facts.ts';
import type { Facts } from './facts.ts';
import { counted, duration, note, percent, size } from './parts.ts';

/** Title, the figures of the run, and what stands out. */
export function overview(facts: Facts): Markup {
  const { figures, name } = facts;
  return html`<header>
      <p class="kind">Fetch report</p>
      <h1><bdi>${name}</bdi></h1>
      <p class="when">${when(facts)}</p>
    </header>
    <dl class="figures">${keyFigures(facts)}</dl>
    <p class="lead">${lead(facts)}</p>
    ${missing(facts, 'status', 'the HTTP statuses')}${missing(facts, 'error', 'the failure codes')}${
      figures.timeLine.first === '' ? missing(facts, 'at', 'when the run was') : null
    }${damaged(facts)}`;
}

function damaged({ figures }: Facts): Markup | null {
  if (figures.damaged === 0) return null;
  return note(
    `${counted(figures.damaged, 'line')} of the file could not be read as written (not UTF-8, or a quote that never closes); what could be told of it is counted.`,
  );
}

function when({ figures: { timeLine } }: Facts): string {
  const { first, last } = timeLine;
  if (first === '') return 'The time of the run is not known.';
  const [from, to] = [minute(first), minute(last)];
  const end = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
  const span = `${from}${from === to ? '' : ` to ${end}`} UTC`;
  return `${span} (first to last request: ${duration(Date.parse(last) - Date.parse(first))})`;
}

/** `2026-01-31 12:00` */
function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

function keyFigures(facts: Facts): Markup[] {
  const { figures } = facts;
  const { rows, failed, bytes, hosts, changes } = figures;
  const all: (readonly [title: string, value: string, more: string, kind?: string])[] = [
    ['Rows', grouped(rows), counted(hosts.count, 'host') + (hosts.isExact ? '' : ' or more')],
    ['Good', grouped(rows - failed), percent(rows - failed, rows), 'good'],
    ['Failed', grouped(failed), percent(failed, rows), 'failed'],
  ];
  const { total } = changes.counts;
  if (total > 0) {
    all.push(['Changed', grouped(changes.differing), percent(changes.differing, total)]);
  }
  if (has(facts, 'bytes')) all.push(['Decoded bodies', size(bytes), `${grouped(bytes)} bytes`]);
  return all.map(
    ([title, value, more, kind = '']) =>
      html`<div class="${kind}">
        <dt>${title}</dt>
        <dd><strong>${value}</strong> <span>${more}</span></dd>
      </div> `,
  );
}

/** The most important in words: how many failed and why, and whether few hosts are the cause. */
function lead({ figures: { rows, failed, failedRows, hosts } }: Facts): Markup {
  if (rows === 0) return html`The result holds no rows.`;
  if (failed === 0) return html`No row has failed.`;
  const reasons = failedRows.codes
    .top(3)
    .map(({ key, count }, index) => html`${index === 0 ? '' : ', '}<code>${key}</code> (${grouped(count)})`);
  const failedShare = html`${counted(failed, 'row')} of ${grouped(rows)} failed (${percent(failed, rows)}),
  most often by ${reasons}.`;
  const [worst] = hosts.worst(1);
  if (worst === undefined || worst.failed * 4 < failed || hosts.failing.size === 1) return failedShare;
  return html`${failedShare} <bdi class="url">${worst.host}</bdi> alone has
    ${hosts.failing.isExact ? '' : 'at least '}${percent(worst.failed, failed)} of them.`;
}
