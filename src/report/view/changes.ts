import { grouped } from '../../watch/progress.ts';
import { mostOfChange } from '../count/changes.ts';
import type { Changes } from '../count/changes.ts';
import type { Facts } from './facts.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { codeBars, named } from './outcomes.ts';
import { barTable, link, note, percent, section, table } from './parts.ts';
import type { Section } from './parts.ts';

/** What the words of the column `change`, and of a comparison, mean. */
const meanings: Readonly<Record<string, string>> = {
  new: 'not in the earlier result',
  gone: 'only in the earlier result',
  same: 'as in the earlier result',
  changed: 'good in both, with another content',
  failed: 'good in the earlier result',
  recovered: 'failed in the earlier result',
  'still-failing': 'failed in the earlier result, in another way',
};

/** What has changed since an earlier result. */
export function changes({ figures: { changes: found } }: Facts): Section | null {
  const { counts } = found;
  if (counts.total === 0) return null;
  const bars = codeBars(
    counts,
    () => 0,
    (key) => ({
      name: named(key, Object.hasOwn(meanings, key) ? (meanings[key] ?? '') : ''),
      kind: key === 'failed' || key === 'still-failing' ? 'failed' : 'plain',
    }),
  );
  return section(
    'changes',
    'Changes',
    barTable('Rows by what has changed', 'Change', bars, counts.total),
    columnsThatDiffer(found),
    changedRows(found),
  );
}

function columnsThatDiffer({ columns, counts }: Changes): Markup | null {
  if (columns.size === 0) return null;
  return html`<h3>Columns that differ</h3>
    ${table(
      'Columns that differ, by rows',
      [{ title: 'Column' }, { title: 'Rows', kind: 'number' }, { title: 'Share', kind: 'number' }],
      columns
        .top(20)
        .map(({ key, count }) => [html`<code>${key}</code>`, grouped(count), percent(count, counts.total)]),
    )}`;
}

function changedRows({ rows, counts }: Changes): Markup | null {
  if (rows.length === 0) return null;
  const all = counts.total - (counts.get('same')?.count ?? 0);
  return html`<details>
    <summary>Rows that differ</summary>
    ${table(
      'Rows that differ',
      [{ title: 'URL', kind: 'wide' }, { title: 'Change' }, { title: 'Columns that differ' }],
      rows
        .toSorted((a, b) => (a.change < b.change ? -1 : Number(a.change > b.change)))
        .map(({ url, change, columns }) => [
          url === '' ? html`<small>no URL</small>` : link(url),
          html`<code>${change}</code>`,
          columns.slice(0, 5).join(', ') + (columns.length > 5 ? ', …' : ''),
        ]),
    )}${
      rows.length < all
        ? note(`The first ${mostOfChange} of each change, ${grouped(rows.length)} of ${grouped(all)} rows.`)
        : null
    }
  </details>`;
}
