import { grouped } from '../../watch/progress.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { mostMoves, redirectKinds } from '../count/redirects.ts';
import type { RedirectKind } from '../count/redirects.ts';
import { has, missing } from './facts.ts';
import type { Facts } from './facts.ts';
import { barTable, counted, link, note, percent, section, table } from './parts.ts';
import type { Section } from './parts.ts';

const pairsShown = 20;

/** Redirects: where they lead, what moved for good, and to which hosts. */
export function redirects(facts: Facts): Section | null {
  const { redirects: found, rows } = facts.figures;
  const hint = missing(facts, 'redirect_chain', 'all URLs of a redirect');
  if (!has(facts, 'redirect_chain') && !has(facts, 'redirects') && !facts.knowsList) {
    return hint === null ? null : section('redirects', 'Redirects', hint);
  }
  if (found.rows === 0) return null;
  const longest = found.longest > 1 ? ` The longest chain has ${found.longest} redirects.` : '';
  return section(
    'redirects',
    'Redirects',
    html`<p>
      ${counted(found.rows, 'row')} of ${grouped(rows)} (${percent(found.rows, rows)}) led somewhere
      else${has(facts, 'redirect_chain') ? '' : ', as the list and the final URL show'}.${longest}
    </p> `,
    kinds(facts),
    hint,
    missing(facts, 'url', 'where they led'),
    moves(facts),
    pairs(facts),
  );
}

function kinds({ figures: { redirects: found } }: Facts): Markup | null {
  const all = Object.entries(redirectKinds) as [RedirectKind, string][];
  const bars = all.flatMap(([kind, name]) => {
    const count = found.byKind[kind];
    return count > 0 ? [{ name, count }] : [];
  });
  if (bars.length === 0) return null;
  return html`${barTable('Redirected rows by where they led', 'Where', bars, found.rows)}${found.toHttps === 0 ? null : note(`${counted(found.toHttps, 'row')} of all these began with http and ended with https.`)}`;
}

function moves(facts: Facts): Markup | null {
  const { moves: all, movedRows } = facts.figures.redirects;
  if (!has(facts, 'first_status')) return missing(facts, 'first_status', 'which redirects are for good');
  if (all.length === 0) return null;
  const shownRows = all.reduce((sum, { rows }) => sum + rows, 0);
  const rest =
    shownRows < movedRows
      ? note(
          `The first ${mostMoves} URLs, of ${counted(shownRows, 'row')}; ${counted(movedRows - shownRows, 'row')} more moved for good.`,
        )
      : null;
  return html`<h3>Moved for good</h3>
    ${table(
      'URLs that have moved for good',
      [{ title: 'URL', kind: 'wide' }, { title: 'Status' }, { title: 'New URL', kind: 'wide' }],
      all.map(({ from, to, status }) => [link(from), String(status), link(to)]),
    )}${rest}`;
}

function pairs({ figures: { redirects: found } }: Facts): Markup | null {
  const { pairs: all } = found;
  const shown = all.top(pairsShown);
  if (shown.length === 0) return null;
  const rest = all.total - shown.reduce((sum, { count, over }) => sum + count - over, 0);
  return html`<h3>To other hosts</h3>
    ${table(
      'Redirects to other hosts',
      [
        { title: 'From', kind: 'wide' },
        { title: 'To', kind: 'wide' },
        { title: 'Rows', kind: 'number' },
      ],
      shown.map(({ key, count, over }) => {
        const [from = '', to = ''] = key.split(' ');
        return [
          html`<bdi class="url">${from}</bdi>`,
          html`<bdi class="url">${to}</bdi>`,
          grouped(count - over),
        ];
      }),
    )}${rest > 0 ? note(`${counted(rest, 'row')} more led to other hosts.`) : null}`;
}
