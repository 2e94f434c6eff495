import type { Markup } from './html.ts';
import type { Facts } from './facts.ts';
import { codeBars, named } from './outcomes.ts';
import { barTable, section } from './parts.ts';

/** What the words of the column `change` mean. */
const meanings: Readonly<Record<string, string>> = {
  new: 'not in the earlier result',
  same: 'as in the earlier result',
  changed: 'another content',
  failed: 'good before',
  recovered: 'failed before',
  'still-failing': 'failed before, too',
};

/** What has changed since an earlier result, as the column `change` says. */
export function changes({ figures: { changes: found, rows } }: Facts): Markup | null {
  if (found.total === 0) return null;
  const bars = codeBars(
    found,
    () => 0,
    (key) => ({
      name: named(key, Object.hasOwn(meanings, key) ? (meanings[key] ?? '') : ''),
      kind: key === 'failed' || key === 'still-failing' ? 'failed' : 'plain',
    }),
  );
  return section('changes', 'Changes', barTable('Rows by what has changed', 'Change', bars, rows));
}
