import { secretParams, withoutSecrets } from '../fetch/request/secret-params.ts';
import type { Options } from '../options/table.ts';
import { withoutCredentials } from '../shared/credentials.ts';

/**
 * Shows a cell without what is secret: logins in URLs, and query parameters of `--secret-param`.
 *
 * @returns a function of a cell and the URL of its row
 */
export function shownCells({
  secretParam,
}: Pick<Options, 'secretParam'>): (cell: string, url: string) => string {
  if (secretParam.length === 0) return withoutCredentials;
  return (cell, url) => withoutSecrets(withoutCredentials(cell), secretParams(secretParam, url));
}
