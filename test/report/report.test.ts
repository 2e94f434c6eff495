import { chmod, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { header, line, reportOf, result } from './results.ts';

/** A page's text: without script and style sheet, and with runs of spaces collapsed. */
function textOf(page: string): string {
  return page
    .replaceAll(/<(script|style)>.*?<\/\1>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

test('a result of a run becomes a page with its figures', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/old') response.writeHead(301, { location: '/new' });
    if (url === '/gone') response.writeHead(404);
    response.end('0123456789');
  });
  const urls = ['/a', '/b', '/old', '/gone'].map((path) => server.url + path);
  const cwd = await temporaryFolder(t, { 'list.csv': `site\n${urls.join('\n')}\nno url\n` });
  const columns = '+redirect_chain,+first_byte_ms,+error_detail';
  await urlmill(['list.csv', '-q', '-u', 'site', '-o', 'result.csv', '--columns', columns], { cwd });
  const { code, stdout, stderr } = await urlmill(['report', 'result.csv'], { cwd });
  t.is(code, 0);
  t.is(stderr, '');
  t.true(stdout.startsWith('<!doctype html>\n'));
  const text = textOf(stdout);
  t.regex(text, /Rows 5 1 host/);
  t.regex(text, /Good 3 60\.0 %/);
  t.regex(text, /Failed 2 40\.0 %/);
  t.regex(text, /Decoded bodies 40 B 40 bytes/);
  t.regex(text, /2 rows of 5 failed \(40\.0 %\), most often by 404 \(1\), invalid-url \(1\)\./);
  t.regex(text, /elsewhere on the same host 1 100\.0 %/);
  t.regex(text, /invalid-url no url not a URL/);
});

test('--secret-param keeps out of the page what the run has kept out of its own columns', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url.startsWith('/old')) response.writeHead(301, { location: '/new' });
    response.end();
  });
  const urls = [`${server.url}/old`, `${server.url}/a`, 'htp://host/', 'http://127.0.0.1:1/'];
  const lines = urls.map((url) => `${url}?key=s3cret,${url}?key=tomorrow`);
  const cwd = await temporaryFolder(t, {
    'list.csv': `url\n${lines.map((both) => both.split(',')[0]).join('\n')}\n`,
    'list2.csv': `url\n${lines.map((both) => both.split(',')[1]).join('\n')}\n`,
  });
  const hiding = ['--secret-param', 'key'];
  for (const [list, output] of [
    ['list.csv', 'result.csv'],
    ['list2.csv', 'other.csv'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    await urlmill([list, '-q', '--retries', '0', ...hiding, '-o', output, '--columns', '+first_status'], {
      cwd,
    });
  }
  for (const more of [[], ['--since', 'other.csv']]) {
    // oxlint-disable-next-line no-await-in-loop
    const { code, stdout } = await urlmill(['report', ...hiding, ...more, 'result.csv'], { cwd });
    t.is(code, 0);
    t.notRegex(stdout, /s3cret|tomorrow/);
    t.regex(textOf(stdout), /elsewhere on the same host 1 100\.0 %/);
  }
});

test('what a column is missing for is said, and the rest is there', async (t) => {
  const content =
    'url,fetch_status,fetch_error,fetch_url\nhttp://a.example,200,,https://a.example/\n,,no-url,\n';
  const text = textOf(await readFile(await reportOf(t, content), 'utf8'));
  t.regex(text, /no column fetch_at : with --columns \+at the next run tells when the run was/);
  t.regex(text, /no column fetch_first_byte_ms : with --columns \+first_byte_ms/);
  t.regex(text, /no column fetch_redirect_chain : with --columns \+redirect_chain/);
  t.regex(text, /from http to https, same host 1 100\.0 %/);
  t.regex(text, /no-url no URL/);
});

test('a result may have any delimiter that --output-delimiter takes', async (t) => {
  const content = 'url^fetch_status^fetch_error\nhttp://a.example^200^\nhttp://b.example^404^\n';
  const text = textOf(await readFile(await reportOf(t, content), 'utf8'));
  t.regex(text, /Good 1 50\.0 %/);
});

test('the whole time of a row stands in for the time to the first byte, and is called so', async (t) => {
  const content =
    'url,fetch_status,fetch_error,fetch_ms\nhttp://a.example,200,,123\nhttp://b.example,,timeout,9999\n';
  const text = textOf(await readFile(await reportOf(t, content), 'utf8'));
  t.regex(text, /Time of a row The whole last attempt, with connection, redirects and body \( fetch_ms \)/);
  // For a row without an answer, the time is that until it was given up.
  t.regex(text, /Longest 123 ms/);
});

test('any dialect and prefix is read: TSV, JSON Lines, gzip, another prefix', async (t) => {
  const tsv = 'url\tx_status\tx_error\nhttp://a.example\t500\t\n';
  const json = '{"url":"http://a.example","x_status":500,"x_error":null}\n';
  const csv = 'url;x_status;x_error\nhttp://a.example;500;\n';
  const files = { 'a.tsv': tsv, 'a.jsonl': json, 'a.csv.gz': gzipSync(csv) };
  const cwd = await temporaryFolder(t, files);
  for (const name of Object.keys(files)) {
    const { stdout, code } = await urlmill(['report', '--prefix', 'x_', name], { cwd });
    t.is(code, 0, name);
    t.regex(textOf(stdout), /Failed 1 100\.0 %.*1 500 http:\/\/a\.example/, name);
  }
});

test('a result is read from standard input as well', async (t) => {
  const cwd = await temporaryFolder(t);
  const { stdout, code } = await urlmill(['report', '-'], { cwd, input: result(line(1, { status: 200 })) });
  t.is(code, 0);
  t.regex(textOf(stdout), /standard input .*Rows 1/);
});

test('lines that are damaged are told', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from(result(line(1, { status: 200 }))),
    Buffer.from('\xe9,x,200\n', 'latin1'),
  ]);
  const cwd = await temporaryFolder(t, { 'result.csv': bytes });
  const { stdout, code } = await urlmill(['report', 'result.csv'], { cwd });
  t.is(code, 0);
  t.regex(textOf(stdout), /Rows 2 .* 1 line of the file could not be read as written/);
});

test('with -q nothing is told but what ends the command', async (t) => {
  const cwd = await temporaryFolder(t, { 'results.csv': 'url,fetch_status\nhttp://a/,200\n"b,20' });
  const run = async (...args: readonly string[]): Promise<string> =>
    (await urlmill(['report', ...args, '-o', 'report.html'], { cwd })).stderr;
  t.regex(await run('results.csv'), /the report is in report\.html\n$/);
  t.is(await run('-q', 'results.csv'), '');
  t.not(await run('-q', 'missing.csv'), '');
});

test('a list that is no result, and a file that is not there, end the command by their codes', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttp://a.example\n' });
  const list = await urlmill(['report', 'list.csv', '-o', 'report.html'], { cwd });
  t.is(list.code, 2);
  t.is(
    list.stderr,
    'urlmill: list.csv has neither column "fetch_status" nor "fetch_error"; is it a result, and written with this --prefix?\n',
  );
  const none = await urlmill(['report', 'none.csv'], { cwd });
  t.is(none.code, 3);
  t.is(none.stderr, 'urlmill: none.csv: there is no such file\n');
  t.deepEqual(await readdir(cwd), ['list.csv']);
});

test('a column of URLs that is said and not there is an error; one that cannot be found is none', async (t) => {
  const cwd = await temporaryFolder(t, { 'result.csv': 'id,fetch_status,fetch_error\n7,200,\n' });
  t.is((await urlmill(['report', 'result.csv'], { cwd })).code, 0);
  const said = await urlmill(['report', 'result.csv', '-u', 'site'], { cwd });
  t.is(said.code, 2);
  t.regex(said.stderr, /^urlmill: --url-column: there is no column "site"; the columns are "id"/);
});

test('an earlier page stays until the new one is whole, and keeps its permissions', async (t) => {
  const broken = gzipSync(
    result(...Array.from({ length: 5000 }, (_, id) => line(id, { status: 200 }))),
  ).subarray(0, 20_000);
  const cwd = await temporaryFolder(t, {
    'cut.csv.gz': broken,
    'good.csv': result(),
    'report.html': 'earlier',
  });
  await chmod(join(cwd, 'report.html'), 0o600);
  const cut = await urlmill(['report', 'cut.csv.gz', '-o', 'report.html'], { cwd });
  t.is(cut.code, 3);
  t.regex(cut.stderr, /^urlmill: cut\.csv\.gz: the compressed data is cut off/);
  t.is(await readFile(join(cwd, 'report.html'), 'utf8'), 'earlier');
  t.is((await urlmill(['report', 'good.csv', '-o', 'report.html'], { cwd })).code, 0);
  t.regex(await readFile(join(cwd, 'report.html'), 'utf8'), /The result holds no rows/);
  t.is((await stat(join(cwd, 'report.html'))).mode & 0o777, 0o600);
  t.deepEqual((await readdir(cwd)).toSorted(), ['cut.csv.gz', 'good.csv', 'report.html']);
});

test('a page that cannot be written is told before the rows are counted, and never over the result', async (t) => {
  const cwd = await temporaryFolder(t, { 'result.csv': result(line(1, { status: 200 })) });
  const folder = await urlmill(['report', 'result.csv', '-o', '.'], { cwd });
  t.is(folder.code, 4);
  t.is(folder.stderr, 'urlmill: --output: . is a directory; name a file\n');
  const own = await urlmill(['report', 'result.csv', '-o', './result.csv'], { cwd });
  t.is(own.code, 2);
  t.is(own.stderr, 'urlmill: --output: ./result.csv is the input; name another file\n');
  t.true((await readFile(join(cwd, 'result.csv'), 'utf8')).startsWith(header));
});

test('what has changed is told by the column of --since', async (t) => {
  const content = [
    'url,fetch_status,fetch_error,fetch_change',
    'http://a.example,200,,same',
    'http://b.example,200,,changed',
    'http://c.example,,timeout,failed',
  ];
  const text = textOf(await readFile(await reportOf(t, content.join('\n')), 'utf8'));
  t.regex(text, /Changed 2 66\.7 %/);
  t.regex(text, /changed good in both, with another content 1 33\.3 %/);
  t.regex(text, /Rows that differ .*http:\/\/b\.example changed http:\/\/c\.example failed/);
});

test('--since compares with an earlier result', async (t) => {
  const old = result(
    line(1, { status: 200, site: 'http://a.example/' }),
    line(2, { status: 200, site: 'http://b.example/' }),
    line(3, { status: 200, site: 'http://c.example/' }),
    line(4, { status: 200, site: 'http://gone.example/' }),
  );
  const now = result(
    line(1, { status: 200, site: 'http://a.example/', ms: 99 }),
    line(2, { status: 201, site: 'http://b.example/' }),
    line(3, { error: 'dns-not-found', site: 'http://c.example/' }),
    line(5, { status: 200, site: 'http://new.example/' }),
  );
  const cwd = await temporaryFolder(t, { 'old.csv': old, 'now.csv': now });
  const { stdout, stderr, code } = await urlmill(['report', 'now.csv', '--since', 'old.csv'], { cwd });
  t.is(stderr, '');
  t.is(code, 0);
  const text = textOf(stdout);
  for (const change of ['same', 'changed', 'failed', 'gone', 'new']) {
    t.regex(text, new RegExp(` ${change} [a-z, ]* 1 20\\.0 %`));
  }
  t.regex(text, /http:\/\/b\.example\/ changed fetch_status/);
  t.regex(text, /http:\/\/gone\.example\/ gone/);
  t.regex(text, /Columns that differ .*fetch_status 2 40\.0 %/);
  const piped = await urlmill(['report', '-', '--since', 'old.csv'], { cwd, input: now });
  t.is(piped.code, 2);
  t.is(piped.stderr, 'urlmill: --since: RESULT is read twice, so it is to be a file\n');
  const over = await urlmill(['report', 'now.csv', '--since', 'old.csv', '-o', 'old.csv'], { cwd });
  t.is(over.code, 2);
  t.is(await readFile(join(cwd, 'old.csv'), 'utf8'), old);
  t.deepEqual((await readdir(cwd)).toSorted(), ['now.csv', 'old.csv']);
});

test('whatever the rows are, a page stays below 2 MB', async (t) => {
  const wide = '&'.repeat(100_000);
  const lines = Array.from({ length: 300 }, (_, id) =>
    line(id, { site: `http://a.example/${wide}`, error: `c${id}`, detail: wide }),
  );
  const many = Array.from({ length: 3000 }, (_, id) =>
    line(id, {
      site: `http://${id}.example/${wide.slice(0, 290)}`,
      error: 'timeout',
      detail: wide.slice(0, 200),
    }),
  );
  const file = await reportOf(t, result(...lines, ...many));
  const page = await readFile(file, 'utf8');
  t.true(page.length < 2_000_000, String(page.length));
  t.regex(textOf(page).slice(-2_000_000), /of 3,300 failed rows are here/);
});
