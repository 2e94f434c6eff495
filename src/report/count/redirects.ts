import { hostOf } from './columns.ts';
import type { Outcome } from './columns.ts';
import { shownUrl } from './shown.ts';
import { TopCounts } from './top-counts.ts';

/** Where redirects lead; a row is of the first kind that fits. */
export const redirectKinds = {
  otherHost: 'to another host',
  www: 'to the same name with or without www.',
  https: 'from http to https, same host',
  sameHost: 'elsewhere on the same host',
} as const;

export type RedirectKind = keyof typeof redirectKinds;

/** Permanent redirects that are listed, at most. */
export const mostMoves = 200;

/** Pairs of hosts that are counted. */
const mostPairs = 20_000;

export interface Move {
  readonly from: string;
  readonly to: string;
  readonly status: number;
  rows: number;
}

/** Counts redirects. A failed row counts too, unless it ended where it began. */
export class Redirects {
  /** Rows that were redirected. */
  rows = 0;
  /** The most redirects of one row. */
  longest = 0;
  /** Rows that began with http and ended with https. */
  toHttps = 0;
  readonly byKind: Record<RedirectKind, number> = { otherHost: 0, www: 0, https: 0, sameHost: 0 };
  /** Keyed by `from to`, the two hosts. */
  readonly pairs = new TopCounts(mostPairs);
  /** Rows whose first redirect is permanent (301, 308). */
  movedRows = 0;
  readonly #moves = new Map<string, Move>();

  add(outcome: Outcome): void {
    const { final, chain, redirects, firstStatus } = outcome;
    const count = redirects ?? chain.length;
    this.longest = Math.max(this.longest, count);
    const isAnswer = count === 0 && firstStatus !== null && (firstStatus < 300 || firstStatus > 399);
    const start = chain[0] ?? (redirects === 0 || isAnswer ? '' : startOf(outcome));
    const isRedirected = count > 0 || (start !== '' && final !== '' && start !== withoutFragment(final));
    if (!isRedirected) return;
    this.rows++;
    if (start !== '' && final !== '') this.#addKind(start, final);
    if (start !== '') this.#addMove(outcome, start);
  }

  /** The permanent redirects, those of the most rows first. */
  get moves(): Move[] {
    return [...this.#moves.values()].toSorted((a, b) => b.rows - a.rows);
  }

  #addKind(start: string, end: string): void {
    const [from, to] = [hostOf(start), hostOf(end)];
    if (/^http:/i.test(start) && /^https:/i.test(end)) this.toHttps++;
    if (from === to) this.byKind[/^http:/i.test(start) && /^https:/i.test(end) ? 'https' : 'sameHost']++;
    else if (withoutWww(from) === withoutWww(to)) this.byKind.www++;
    else {
      this.byKind.otherHost++;
      this.pairs.add(`${from} ${to}`);
    }
  }

  #addMove({ firstStatus, chain, redirects, final }: Outcome, start: string): void {
    // After several redirects the final URL is not where the first one led.
    const to = chain[1] ?? (Math.max(redirects ?? 0, chain.length) === 1 ? final : '');
    if ((firstStatus !== 301 && firstStatus !== 308) || to === '') return;
    this.movedRows++;
    const from = shownUrl(start);
    const known = this.#moves.get(from);
    if (known !== undefined) known.rows++;
    else if (this.#moves.size < mostMoves) {
      this.#moves.set(from, { from, to: shownUrl(to), status: firstStatus, rows: 1 });
    }
  }
}

/**
 * The URL that was requested first: that of the list, in the form in which final URLs are written. Empty where it
 * cannot be told, or nothing was fetched.
 */
function startOf({ status, final, listed }: Outcome): string {
  if (status === null || listed === '' || final === '' || listed === final) return '';
  const said = listed.trim();
  // Without a scheme it does not say where the first request went.
  if (!/^https?:/i.test(said) || !URL.canParse(said)) return '';
  const start = new URL(said);
  start.username = '';
  start.password = '';
  return withoutFragment(start.href);
}

function withoutFragment(url: string): string {
  const at = url.indexOf('#');
  return at === -1 ? url : url.slice(0, at);
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, '');
}
