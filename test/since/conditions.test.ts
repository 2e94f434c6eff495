import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import type { RunOptions } from '../../src/run.ts';
import { changes, nights } from './nights.ts';

const pages = { '/a': '<title>a</title>', '/b': '<title>b</title>' };

/**
 * Runs a night with each set of options, and checks whether the second one's requests were conditional, and
 * its notices.
 */
const asks = test.macro({
  exec: async (
    t,
    before: RunOptions,
    after: RunOptions,
    isConditional: boolean,
    said: readonly string[] = [],
    expected = 'same',
  ) => {
    const { night, asked, notices, cwd } = await nights(t, pages);
    await night(before);
    t.deepEqual(changes(await night(after)), [expected, expected]);
    t.true(asked().length > 0 && asked().every((tag) => (tag !== undefined) === isConditional));
    t.deepEqual(
      notices,
      said.map((text) => text.replace('FILE', join(cwd, 'out.csv'))),
    );
  },
  title: (what) => `a page is asked for ${what}`,
});

const whole = (columns: string): string =>
  `--since: every page is fetched whole, as FILE has no column ${columns}`;
const unknown =
  '--since: FILE has no column "fetch_sha256", so nothing tells which pages have changed; fetch_change is empty there';

test('under conditions', asks, {}, {}, true);
test('under conditions with values that are there', asks, { extract: 'title' }, { extract: 'title' }, true);
test(
  'under conditions with fewer values than there are',
  asks,
  { extract: 'title,h1' },
  { extract: 'h1' },
  true,
);
test('whole where a value is new', asks, {}, { extract: 'title' }, false, [whole('"fetch_title"')]);
test('whole where a result column is new', asks, {}, { columns: '+charset' }, false, [
  whole('"fetch_charset"'),
]);
test('whole where a column of tonight alone is new: not', asks, {}, { columns: '+remote_ip' }, true);
test('whole where the final URL is not known', asks, { columns: 'status' }, {}, false, [
  whole('"fetch_error", "fetch_url", "fetch_type", "fetch_bytes"'),
]);
test(
  'whole where the earlier result is one without --since',
  asks,
  { since: undefined },
  {},
  false,
  [whole('"fetch_etag", "fetch_last_modified", "fetch_sha256"'), unknown],
  '',
);
test(
  'whole where its values alone tell what has changed',
  asks,
  { since: undefined, extract: 'title' },
  { extract: 'title' },
  false,
  [whole('"fetch_etag", "fetch_last_modified", "fetch_sha256"')],
);
test("whole with the user's own tag", asks, {}, { header: ['If-None-Match: "x"'] }, true);
test('whole where the user wants no tag', asks, {}, { header: ['If-None-Match:'] }, false);
test('under conditions by HEAD', asks, { head: true }, { head: true }, true);
test('under conditions by HEAD after GET', asks, {}, { head: true }, true);
test('whole by GET after HEAD, which knows no body', asks, { head: true }, {}, false, [], '');
test('whole by POST', asks, { method: 'POST' }, { method: 'POST' }, false);
test('under conditions by threads', asks, { threads: 3 }, { threads: 3 }, true);
const little = { sinceMemory: '1kB' };
test('under conditions with the index on disk', asks, little, little, true);
test('under conditions with no memory at all for it', asks, {}, { sinceMemory: 0 }, true);
test('under conditions with rows that share results', asks, { once: true }, { once: true }, true);

test('a page whose file is gone is sent again, and its file is there again', async (t) => {
  const { night, asked, cwd } = await nights(t, { ...pages, '/empty': '' });
  const saveBodies = join(cwd, 'bodies');
  const [first] = await night({ saveBodies });
  const path = join(saveBodies, first?.['fetch_file'] ?? '');
  await rm(path);
  const rows = await night({ saveBodies });
  t.deepEqual(changes(rows), ['same', 'same', 'same']);
  t.deepEqual(
    asked().map((tag) => tag !== undefined),
    [false, true, true],
  );
  t.is(await readFile(path, 'utf8'), pages['/a']);
  t.is(rows[0]?.['fetch_file'], first?.['fetch_file']);
  t.deepEqual(
    rows.map(({ fetch_file }) => fetch_file !== ''),
    [true, true, false],
  );
});

test('a page that goes into a WARC file is sent whole', async (t) => {
  const { night, asked, cwd } = await nights(t, pages);
  const options = { saveBodies: join(cwd, 'warc'), saveFormat: 'warc' } as const;
  await night(options);
  t.deepEqual(changes(await night(options)), ['same', 'same']);
  t.deepEqual(asked(), [undefined, undefined]);
});

test('a row that had failed is sent whole, though it had a tag', async (t) => {
  const { night, asked } = await nights(t, pages);
  await night({ maxBody: 5 });
  t.deepEqual(changes(await night()), ['recovered', 'recovered']);
  t.deepEqual(asked(), [undefined, undefined]);
});

test('304 to a request without conditions is what it is', async (t) => {
  const { night } = await nights(t, pages, (_, response) => response.writeHead(304).end());
  await night();
  const rows = await night();
  t.deepEqual(changes(rows), ['same', 'same']);
  t.deepEqual(
    rows.map(({ fetch_status }) => fetch_status),
    ['304', '304'],
  );
});

test('lines that no run has written do no harm', async (t) => {
  const { night, cwd, server, asked } = await nights(t, pages);
  const header =
    'url,fetch_status,fetch_error,fetch_url,fetch_type,fetch_bytes,fetch_etag,fetch_last_modified,fetch_sha256';
  const odd = [
    ['200', '', '$/a', 'a/b', 'many', '"a"\r\nX-Other: b', 'x\0y', 'z'],
    ['200', '', '\u202e', '', '-1', '"€"', '', 'z'],
    ['2e2', '', '$/a', '', '', '"a"', '', 'z'],
    ['200', 'no such code', '$/a', '', '', '"a"', '', 'z'],
    ['', '', '', '', '', '', '', ''],
    ['99999', '', '$/a', '', '', '"a"', '', 'z'],
  ];
  for (const cells of odd) {
    const line = [`${server.url}/a`, ...cells].map(
      (cell) => `"${cell.replace('$', server.url).replaceAll('"', '""')}"`,
    );
    await writeFile(join(cwd, 'out.csv'), `${header}\n${line.join(',')}\n`);
    const [row] = await night();
    t.is(row?.['fetch_status'], '200');
    t.is(asked()[0], undefined, line.join());
  }
});

test('a tag that never was gets the page', async (t) => {
  const { night, cwd } = await nights(t, pages);
  await night();
  const path = join(cwd, 'out.csv');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(/""[0-9a-f]{8}""/g, '""other""'));
  t.deepEqual(changes(await night()), ['same', 'same']);
});

test('with --once each row has its own line, and what the pages were is asked once', async (t) => {
  const { night, list, asked, texts } = await nights(t, pages);
  await list(['/a', '/a', '/b']);
  await night({ once: true });
  await list(['/a', '/b', '/a', '/a', '/b']);
  texts.set('/b', 'new');
  const rows = await night({ once: true, columns: '+same_as' });
  t.deepEqual(changes(rows), ['same', 'changed', 'same', 'new', 'new']);
  // The new row of /a has no earlier result, so its request is a different one and is not shared.
  t.deepEqual(
    rows.map(({ fetch_same_as }) => fetch_same_as),
    ['', '', '1', '', ''],
  );
  t.is(asked().length, 4);
});

test('robots.txt is read each night', async (t) => {
  const { night, server } = await nights(t, { ...pages, '/robots.txt': 'User-agent: *\nDisallow: /b' });
  const options = { robots: true };
  await night(options);
  const rows = await night(options);
  t.deepEqual(changes(rows), ['same', 'still-failing', 'same']);
  t.is(server.requests.filter(({ url }) => url === '/robots.txt').length, 4);
});

test('lines that a module has made of one page are not those of another row', async (t) => {
  const { once, list, cwd, texts, asked } = await nights(t, { '/one': 'a', '/two': 'a b' });
  const module = join(cwd, 'words.mjs');
  await writeFile(
    module,
    `export default {
      columns: ['word'],
      process: ({ text }) => text().split(' ').map((word) => ({ word })),
    };`,
  );
  await list(['/two', '/one', '/two', '/one', '/two']);
  const night = async (): Promise<string[]> => {
    await once({ module, columns: '+row' });
    const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
    return rows.map(({ fetch_row, fetch_change, word }) => `${fetch_row} ${fetch_change} ${word}`);
  };
  await night();
  const expected = [
    '1 same a',
    '1 same b',
    '2 same a',
    '3 same a',
    '3 same b',
    '4 same a',
    '5 same a',
    '5 same b',
  ];
  t.deepEqual(await night(), expected);
  // A page with one line is known to be complete, although lines of other rows with the same request follow
  // it.
  t.is(asked().filter((tag) => tag !== undefined).length, 2);
  texts.set('/two', 'b');
  t.deepEqual(await night(), ['1 changed b', '2 same a', '3 changed b', '4 same a', '5 changed b']);
});

test('a module that makes several lines of a page gets it each night, and its first line is compared', async (t) => {
  const { once, cwd, asked, texts } = await nights(t, { '/one': 'a', '/two': 'a b' });
  const module = join(cwd, 'words.mjs');
  await writeFile(
    module,
    `export default {
      columns: ['word'],
      process: ({ text }) => text().split(' ').map((word) => ({ word })),
    };`,
  );
  const lines = async (): Promise<string[]> => {
    await once({ module });
    const [, ...all] = (await readFile(join(cwd, 'out.csv'), 'utf8')).trim().split('\n');
    return all.map((line) => line.split(',').slice(-2).join());
  };
  await lines();
  t.deepEqual(await lines(), ['same,a', 'same,a', 'same,b']);
  t.deepEqual(
    asked().map((tag) => tag !== undefined),
    [true, false],
  );
  texts.set('/two', 'b a');
  t.deepEqual(await lines(), ['same,a', 'changed,b', 'changed,a']);
});
