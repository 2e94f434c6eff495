import { requestMaker } from '../fetch/request/request.ts';
import type { RequestSettings } from '../fetch/request/request.ts';
import { parseTarget } from '../fetch/request/target.ts';
import { withoutSecrets } from '../fetch/request/secret-params.ts';
import { requestIdentity } from '../fetch/request/identity.ts';
import type { Row, Table } from '../shared/records.ts';

/**
 * Makes the function that gives the key of a row, by which its line in an earlier result is found: what the options
 * make of its cells as a request. Rows without a request have their own cells of the list as a key.
 *
 * @param own names of the input's own columns
 * @param secretNames query parameters that say who asks, not for what: they may differ from run to run
 * @throws UsageError when the options name a column that the table does not have
 */
export function requestKeys(
  settings: RequestSettings,
  table: Table,
  own: readonly string[],
  secretNames: readonly string[],
): (row: Row) => string {
  const requestOf = requestMaker(settings, table);
  const secrets = { names: secretNames, forms: [] };
  const places = own.map((name) => table.names.indexOf(name));
  const byCells = ({ cells }: Row): string => JSON.stringify(places.map((at) => cells[at] ?? ''));
  return (row) => {
    if (row.error !== null) return byCells(row);
    const target = parseTarget(row.url);
    if ('error' in target) return byCells(row);
    const request = requestOf(row);
    if ('detail' in request) return byCells(row);
    const path = secretNames.length === 0 ? target.path : withoutSecrets(target.path, secrets);
    return requestIdentity(settings.method, { ...target, path }, request);
  };
}

/**
 * Makes the function that gives the key of what a row asks for, whoever asks. Headers are no part of the key: they
 * may hold a secret that changes from run to run, and the key is kept for longer. Null for a row without a request.
 *
 * @param secretNames query parameters that say who asks
 */
export function resourceKeys(
  settings: RequestSettings,
  table: Table,
  secretNames: readonly string[],
): (row: Row) => string | null {
  const requestOf = requestMaker(settings, table);
  const secrets = { names: secretNames, forms: [] };
  return (row) => {
    const target = row.error === null ? parseTarget(row.url) : null;
    if (target === null || 'error' in target) return null;
    const request = requestOf(row);
    if ('detail' in request) return null;
    const path = secretNames.length === 0 ? target.path : withoutSecrets(target.path, secrets);
    return `${settings.method} ${target.origin}${path}\n${request.body?.toString('latin1') ?? ''}`;
  };
}
