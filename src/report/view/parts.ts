import { grouped } from '../../watch/progress.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';

/** `12.3 %`; what would round to 0 or 100 is shown as `< 0.1 %` or `> 99.9 %`. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (100 * part) / whole;
  if (share > 0 && share < 0.1) return '< 0.1 %';
  if (share < 100 && share > 99.9) return '> 99.9 %';
  return `${share.toFixed(1)} %`;
}

/** `1,234 rows`, `1 row`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `1.24 GB`: units of a thousand, three digits. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toPrecision(3)} ${units[unit]}`;
}

/** `1,234 ms`, whole milliseconds; `–` for no number. */
export function milliseconds(ms: number): string {
  return Number.isFinite(ms) ? `${grouped(Math.round(ms))} ms` : '–';
}

/** `2 h 5 min`, `3 min 20 s`, `5 min`, `4.2 s`: the two largest units that there are. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1000);
  const parts: (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const largest = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(largest, largest + 2)
    .flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : []))
    .join(' ');
}

export type BarKind = 'good' | 'failed' | 'plain';

/** A bar that fills this share of its cell. Screen readers pass over it, as the number beside it says the same. */
export function bar(share: number, kind: BarKind = 'plain'): Markup {
  const width = (100 * Math.min(1, Math.max(0, share))).toFixed(2);
  return html`<svg class="bar ${kind}" aria-hidden="true" focusable="false">
    <rect width="${width}%" height="100%" />
  </svg>`;
}

/** A URL; as a link if it is http or https and was not cut. @param shown as `shownUrl` makes it */
export function link(shown: string): Markup {
  const isWhole = /^https?:\/\/[^\s\\]+$/i.test(shown) && !shown.endsWith('…') && URL.canParse(shown);
  if (!isWhole) return html`<span class="url">${shown}</span>`;
  return html`<a class="url" href="${shown}" rel="noreferrer noopener">${shown}</a>`;
}

export interface Column {
  readonly title: string | Markup;
  /** `number`: figures that stand below one another. `bar`: its title is for screen readers only. `wide`: URLs and hosts. */
  readonly kind?: 'number' | 'bar' | 'wide';
}

/** A table in which the first cell of a row is the row's header. @param attributes further attributes of the table */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Markup | string | number)[])[],
  attributes: Markup = html``,
): Markup {
  const head = columns.map(
    ({ title, kind }) =>
      html`<th scope="col" ${kind === undefined ? null : html` class="${kind}"`}>${title}</th>`,
  );
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, index) => {
          const { kind } = columns[index] ?? {};
          const classes = kind === undefined ? null : html` class="${kind}"`;
          return index === 0
            ? html`<th scope="row" ${classes}>${cell}</th>`
            : html`<td${classes}>${cell}</td>`;
        })}
      </tr> `,
  );
  return html`<div class="scroll"><table${attributes}>
<caption class="unseen">${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** A table of names, each with a bar, a number of rows, and its share of `whole`. The longest bar is of the largest number. */
export function barTable(caption: string, name: string, bars: readonly Bar[], whole: number): Markup {
  const most = Math.max(...bars.map(({ count }) => count));
  const columns: readonly Column[] = [
    { title: name },
    { title: html`<span class="unseen">Number as a bar</span>`, kind: 'bar' },
    { title: 'Rows', kind: 'number' },
    { title: 'Share', kind: 'number' },
  ];
  const rows = bars.map(({ name: of, count, kind }) => [
    of,
    bar(count / most, kind),
    grouped(count),
    percent(count, whole),
  ]);
  return table(caption, columns, rows, html` class="bars"`);
}

/** A line of a table of bars. */
export interface Bar {
  readonly name: Markup | string;
  readonly count: number;
  readonly kind?: BarKind;
}

/** A part of the page, with a line in its table of contents. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly (Markup | null)[];
}

export function section(id: string, title: string, ...content: readonly (Markup | null)[]): Section {
  return { id, title, content };
}

/** A sentence that says why something is not there, or how exact it is. */
export function note(text: string | Markup): Markup {
  return html`<p class="note">${text}</p> `;
}
