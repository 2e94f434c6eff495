import { readFile } from 'node:fs/promises';

import test from 'ava';

import { columns, runColumns } from '../../src/write/columns.ts';

/** Columns that are equal in two runs if these find the same page. */
const ofPage = [
  'page',
  'next',
  'status',
  'error',
  'url',
  'type',
  'bytes',
  'redirects',
  'redirect_chain',
  'charset',
  'charset_from',
  'http_version',
  'etag',
  'last_modified',
  'server',
  'sha256',
  'first_status',
  'soft_404',
  'tls_version',
  'cert_subject',
  'cert_issuer',
  'cert_not_after',
  'cert_names',
  'cert_fault',
];

test('each result column is known to be of the page, which is compared, or of the run', (t) => {
  t.deepEqual([...ofPage, ...runColumns].toSorted(), Object.keys(columns).toSorted());
});

test('the columns of the run are those that docs/comparing.md names', async (t) => {
  const text = await readFile('docs/comparing.md', 'utf8');
  const [, list = ''] =
    /Columns that measure the run and not the page are left out:([^.]*)\./.exec(text) ?? [];
  t.deepEqual(
    [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    [...runColumns],
  );
});
