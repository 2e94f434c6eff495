import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { nightlyServer } from '../helpers/nights.ts';
import type { NightlyPage, NightlyServer } from '../helpers/nights.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const kinds = ['etag', 'date', 'nothing', 'etag'] as const;

function manyPages(count: number): Map<string, NightlyPage> {
  return new Map(
    Array.from({ length: count }, (_, i) => [
      `/${i + 1}`,
      {
        body: `<title>page ${i + 1}</title>${'x'.repeat(500)}`,
        status: 200,
        by: kinds[i % kinds.length] ?? 'nothing',
        version: 1,
      },
    ]),
  );
}

function listOf(server: NightlyServer, skip = 0): string {
  const rows = [...server.pages.keys()]
    .slice(skip)
    .map((path, i) => `${i + 1 + skip},${server.url}${path}\n`);
  return `id,url\n${rows.join('')}`;
}

/** The rows of a result, by the path of their URL. */
async function resultOf(cwd: string, name: string): Promise<Map<string, Record<string, string>>> {
  const rows = csvObjects(await readFile(join(cwd, name), 'utf8'));
  return new Map(rows.map((row) => [new URL(row['url'] ?? '').pathname, row]));
}

function onSecondNight(n: number): string {
  if (n <= 10) return 'new';
  if (n >= 21 && n <= 24) return 'changed';
  return n >= 31 && n <= 34 ? 'failed' : 'same';
}

test('three nights: what has become of each row is told, and pages that have not changed are not sent again', async (t) => {
  const pages = manyPages(300);
  const server = await nightlyServer(t, pages);
  const cwd = await temporaryFolder(t, { 'in.csv': listOf(server, 10) });
  const night = async (): Promise<string> => {
    const { code, stderr } = await urlmill(
      ['--since', 'out.csv', '-o', 'out.csv', '--resume', '--retries', '0', '--extract', 'title', 'in.csv'],
      { cwd },
    );
    t.is(code, 0);
    return stderr;
  };
  const first = await night();
  t.regex(first, /--since: out\.csv does not exist yet, so every row is new\n/);
  t.regex(first, /290 ok, 0 failed; since last time: 290 new\n$/);
  const whole = server.sent();

  const change = (n: number): void => {
    const page = pages.get(`/${n}`) as NightlyPage;
    page.version++;
    page.body = page.body.replace('<title>', `<title>v${page.version} `);
  };
  for (const n of [21, 22, 23, 24]) change(n);
  for (const n of [31, 32, 33, 34]) (pages.get(`/${n}`) as NightlyPage).status = 404;
  await writeFile(join(cwd, 'in.csv'), listOf(server));
  t.regex(await night(), /since last time: 10 new, 282 same, 4 changed, 4 failed\n$/);
  const second = await resultOf(cwd, 'out.csv');
  for (let n = 1; n <= 300; n++) t.is(second.get(`/${n}`)?.['fetch_change'], onSecondNight(n), `${n}`);
  const sent = server.sent();
  t.true(sent.bytes < whole.bytes * 0.35);
  t.true(sent.notModified > 200);
  // A copied line describes the page as it was last sent.
  t.like(second.get('/40'), {
    fetch_status: '200',
    fetch_bytes: String(pages.get('/40')?.body.length),
    fetch_type: 'text/html',
    fetch_title: 'page 40',
    fetch_etag: '"/40-1"',
  });
  t.is(second.get('/40')?.['fetch_sha256']?.length, 64);

  (pages.get('/31') as NightlyPage).status = 200;
  (pages.get('/32') as NightlyPage).status = 200;
  change(32);
  change(50);
  t.regex(await night(), /since last time: 295 same, 1 changed, 2 recovered, 2 still-failing\n$/);
  const third = await resultOf(cwd, 'out.csv');
  t.deepEqual(
    [31, 32, 33, 34, 50, 51].map((n) => third.get(`/${n}`)?.['fetch_change']),
    ['recovered', 'recovered', 'still-failing', 'still-failing', 'changed', 'same'],
  );
});
