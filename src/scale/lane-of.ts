import { isIP } from 'node:net';

import { keyHash } from '../earlier/key-hash.ts';
import type { Row } from '../shared/records.ts';

export type LaneBy = 'host' | 'domain';

/**
 * Makes the function that tells in which lane a row is: by the host of its URL, or by the registrable domain of that.
 * Rows without a host are not fetched, so any lane will do: each lane in turn gets as many of them as a piece has
 * rows.
 *
 * @param pieceRows rows of a whole piece
 */
export async function laneFinder(
  by: LaneBy,
  lanes: number,
  pieceRows: number,
): Promise<(row: Row) => number> {
  const laneOf = await hostLanes(by, lanes);
  let hostless = 0;
  return ({ url, error }) => {
    const host = error === null ? hostOf(url) : '';
    return host === '' ? Math.floor(hostless++ / pieceRows) % lanes : laneOf(host);
  };
}

/**
 * Makes the function that tells in which lane the rows of a host are. A dot at the end of a host makes no difference.
 */
export async function hostLanes(by: LaneBy, lanes: number): Promise<(host: string) => number> {
  const keyOf = by === 'host' ? (host: string): string => host : await domainFinder();
  return (host) => keyHash(keyOf(host.replace(/\.$/, '')), 0) % lanes;
}

/** The host of a URL; empty when there is none. */
function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}

/** By the public suffix list; an address, and a host that has no registrable domain, stands for itself. */
async function domainFinder(): Promise<(host: string) => string> {
  const { getPublicSuffix } = await import('tough-cookie');
  const how = { allowSpecialUseDomain: true, ignoreError: true };
  return (host) => (isIP(host) !== 0 || host.startsWith('[') ? host : (getPublicSuffix(host, how) ?? host));
}
