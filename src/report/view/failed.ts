import { grouped } from '../../watch/progress.ts';
import { firstOfCode, mostRows } from '../count/failed-rows.ts';
import type { FailedRow } from '../count/failed-rows.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { missing } from './facts.ts';
import type { Facts } from './facts.ts';
import { counted, link, note, section } from './parts.ts';
import type { Section } from './parts.ts';

/** Characters of HTML that the rows take at most, whatever is in them. */
const mostMarkup = 1_200_000;

/** The failed rows and their filter, which needs the script and is hidden until that runs. */
export function failedRows(facts: Facts): Section | null {
  const { failedRows: found, failed } = facts.figures;
  if (failed === 0) return null;
  const lines = linesWithin(found.shown());
  const codes = found.codes.top(200);
  const shown =
    lines.length === failed
      ? null
      : note(
          `${grouped(lines.length)} of ${grouped(failed)} failed rows are here: the first ${firstOfCode} of each code, and the first of the others, ${grouped(mostRows)} at most. Behind each code is how many rows it has in all.`,
        );
  return section(
    'failed',
    'Failed rows',
    missing(facts, 'error_detail', 'the reasons in words'),
    shown,
    html`<form class="filter" role="search" aria-label="Failed rows" hidden>
        <label>Text <input type="search" id="filter-text" autocomplete="off" spellcheck="false" /></label>
        <label
          >Code
          <select id="filter-code">
            <option value="">all (${grouped(failed)})</option>
            ${codes.map(
              ({ key, count }) => html`<option value="${key}">${key} (${grouped(count)})</option> `,
            )}
          </select></label
        >
        <output for="filter-text filter-code" id="filter-count">${counted(lines.length, 'row')}</output>
      </form>
      <div class="scroll">
        <table id="failed-rows">
          <caption class="unseen">
            Failed rows
          </caption>
          <thead>
            <tr>
              ${columns.map(
                ([title, sort, kind]) =>
                  html`<th scope="col" class="${kind}" data-sort="${sort}">${title}</th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${lines}
          </tbody>
        </table>
      </div>
      <p class="print-only note">At most the first 100 of these rows are printed.</p> `,
  );
}

const columns = [
  ['Row', 'number', 'number'],
  ['Code', 'text', ''],
  ['URL', 'text', 'wide'],
  ['Time, ms', 'number', 'number'],
  ['Tries', 'number', 'number'],
] as const;

function linesWithin(rows: readonly FailedRow[]): Markup[] {
  const lines: Markup[] = [];
  let length = 0;
  for (const row of rows) {
    const markup = line(row);
    length += markup.text.length;
    if (length > mostMarkup) break;
    lines.push(markup);
  }
  return lines;
}

function line({ row, code, status, url, detail, ms, attempts, at }: FailedRow): Markup {
  return html`<tr>
    <td class="number">${grouped(row)}</td>
    <td><code>${code}</code>${status === null ? null : html` <small>${status}</small>`}</td>
    <td class="wide">
      ${url === '' ? html`<small>no URL</small>` : link(url)}${
        detail === '' ? null : html`<small class="detail">${detail}</small>`
      }
    </td>
    <td class="number" ${at === '' ? null : html` title="${at}"`}>
      ${ms === null ? '' : grouped(Math.round(ms))}
    </td>
    <td class="number">${attempts}</td>
  </tr> `;
}
