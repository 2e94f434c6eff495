import { requestMaker } from '../fetch/request/request.ts';
import type { RequestSettings } from '../fetch/request/request.ts';
import { parseTarget } from '../fetch/request/target.ts';
import { withoutSecrets } from '../fetch/request/secret-params.ts';
import { requestIdentity } from '../fetch/request/identity.ts';
import type { Row, Table } from '../shared/records.ts';

/**
 * Gives each row of a table the key by which it is found in an earlier result: what its request is, as the options make it
 * of its cells. Rows without a request are known by the cells that the user has given them.
 *
 * @param own names of the input's own columns
 * @param secretNames query parameters that say who asks, and not for what: they may be others tonight
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
 * Gives each row of a table a key of what it asks for, whoever asks: headers are no part of it, as they may hold the secret of
 * a night, and the key is kept for longer. Null for a row without a request.
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
