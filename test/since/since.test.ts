import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import type { RunOptions } from '../../src/run.ts';
import { changes, nights, sha256, tagged, untagged } from './nights.ts';

const page = (title: string, text = 'text'): string => `<title>${title}</title><p>${text}`;

test('an earlier result that does not exist yet makes every row new, and says so', async (t) => {
  const { night, notices, cwd } = await nights(t, { '/a': page('a'), '/b': page('b') });
  t.deepEqual(changes(await night()), ['new', 'new']);
  t.deepEqual(notices, [`--since: ${join(cwd, 'out.csv')} does not exist yet, so every row is new`]);
});

test('an empty one does so as well', async (t) => {
  const { night, notices, cwd } = await nights(t, { '/a': page('a') });
  await writeFile(join(cwd, 'out.csv'), '');
  t.deepEqual(changes(await night()), ['new']);
  t.deepEqual(notices, [`--since: ${join(cwd, 'out.csv')} is empty, so every row is new`]);
});

test('what 304 spares is copied, and what the request tells is its own', async (t) => {
  const { night, asked, summary } = await nights(t, { '/a': page('ä'), '/b': page('b') });
  const options = { columns: '+charset,+charset_from,+wire_bytes,+row,+first_status', extract: 'title' };
  const [first] = await night(options);
  const [second] = await night(options);
  t.true(asked().every((tag) => tag !== undefined));
  const { fetch_ms, fetch_at, ...copied } = second ?? {};
  t.deepEqual({ ...copied, fetch_ms: first?.['fetch_ms'], fetch_at: first?.['fetch_at'] }, {
    ...first,
    fetch_wire_bytes: '0',
    fetch_first_status: '304',
    fetch_change: 'same',
  } as unknown as typeof copied);
  t.true((fetch_at ?? '') > (first?.['fetch_at'] ?? ''));
  t.regex(fetch_ms ?? '', /^\d+$/);
  t.like(summary(), { notModified: 2, byChange: { same: 2 }, byStatus: { 200: 2 }, bytes: 0 });
});

test('headers that 304 brings are newer than those before', async (t) => {
  const { night } = await nights(t, { '/a': page('a') }, ({ headers }, response, text) => {
    const isKnown = headers['if-none-match'] === '"1"';
    response.setHeader('ETag', isKnown ? 'W/"2"' : '"1"').setHeader('Last-Modified', 'once');
    if (isKnown) response.removeHeader('Last-Modified');
    response.writeHead(isKnown ? 304 : 200).end(isKnown ? undefined : text);
  });
  await night();
  const [row] = await night();
  t.like(row, { fetch_etag: 'W/"2"', fetch_last_modified: 'once', fetch_change: 'same' });
});

/** Runs two nights with a change in between, and checks the outcome of /a. */
const becomes = test.macro({
  exec: async (
    t,
    texts: readonly [string | null, string | null],
    expected: string,
    options: RunOptions = {},
  ) => {
    for (const answer of [tagged, untagged]) {
      const [before, after] = texts;
      const { night, texts: pages } = await nights(t, { '/a': before ?? '' }, answer);
      if (before === null) pages.delete('/a');
      await night(options);
      if (after === null) pages.delete('/a');
      else pages.set('/a', after);
      t.deepEqual(changes(await night(options)), [expected]);
    }
  },
  title: (what) => `with a tag and without: ${what}`,
});

const nonce = [page('a', 'one'), page('a', 'two')] as const;
test('the same body is the same', becomes, [nonce[0], nonce[0]], 'same');
test('another body is a change', becomes, nonce, 'changed');
test('a page that is gone has failed', becomes, [nonce[0], null], 'failed');
test('a page that is back has recovered', becomes, [null, nonce[0]], 'recovered');
test('a page that is not there again is still failing', becomes, [null, null], 'still-failing');
test('another body with the same values is the same', becomes, nonce, 'same', { extract: 'title' });
test('another value is a change', becomes, nonce, 'changed', { extract: 'text' });
test('one of several values is a change', becomes, nonce, 'changed', { extract: 'title,text' });
test('values of another kind count alike', becomes, nonce, 'changed', { select: ['p=p', 'q*=q'] });
test('the body can count all the same', becomes, nonce, 'changed', { extract: 'title', changeBy: 'body' });
test('a column can count alone', becomes, nonce, 'same', { extract: 'title,text', changeBy: 'fetch_title' });
test('a column is known without its prefix', becomes, nonce, 'same', {
  extract: 'text',
  changeBy: 'status,type',
});
const script = [`${page('a')}<script>1</script>`, `${page('a')}<script>2</script>`] as const;
test('the text can count', becomes, script, 'same', { changeBy: 'text' });
test('another text is a change', becomes, nonce, 'changed', { changeBy: 'text' });
test('the text counts beside extractors', becomes, nonce, 'changed', { extract: 'title', changeBy: 'text' });

test('what the text of a page that is not HTML is, its body is', async (t) => {
  const { night, texts } = await nights(t, { '/a': '1' }, (_, response, text) => {
    response.setHeader('Content-Type', 'text/plain').end(text);
  });
  await night({ changeBy: 'text' });
  texts.set('/a', '2');
  t.deepEqual(changes(await night({ changeBy: 'text' })), ['changed']);
});

test('another good status is a change', async (t) => {
  let status = 200;
  const { night } = await nights(t, { '/a': 'a' }, (_, response, text) => {
    response.writeHead(status).end(text);
  });
  await night();
  status = 203;
  t.deepEqual(changes(await night()), ['changed']);
});

test('a redirect to the same content elsewhere is the same, and counts by its URL', async (t) => {
  let to = '/b';
  const { night, list, asked } = await nights(
    t,
    { '/a': '', '/b': 'x', '/c': 'x' },
    (request, response, text) => {
      if (request.url === '/a') response.writeHead(302, { location: to }).end();
      else tagged(request, response, text);
    },
  );
  await list(['/a']);
  await night();
  await night();
  t.deepEqual(asked(), [undefined, `"${sha256('x').slice(0, 8)}"`]);
  to = '/c';
  t.deepEqual(changes(await night()), ['same']);
  t.deepEqual(asked(), [undefined, undefined]);
  to = '/b';
  t.deepEqual(changes(await night({ changeBy: 'url' })), ['changed']);
});

test('rows of one request get its lines in turn, and one more is new', async (t) => {
  const { night, list } = await nights(t, { '/a': 'a' });
  await list(['/a', '/a#x', '/b']);
  await night();
  await list(['/b', '/a', '/a', '/a', '/b']);
  t.deepEqual(changes(await night()), ['still-failing', 'same', 'same', 'new', 'new']);
});

test('rows without a request are found by their cells', async (t) => {
  const { night, list } = await nights(t, { '/a': 'a' });
  await list(['/a', 'not a url', 'mailto:a@b.test', 'other text']);
  t.deepEqual(changes(await night()), ['new', 'new', 'new', 'new']);
  await list(['mailto:a@b.test', 'new text', 'not a url', '/a']);
  t.deepEqual(changes(await night()), ['still-failing', 'new', 'still-failing', 'same']);
});

test('rows with too few or too many cells are found again', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.csv');
  await writeFile(input, `id,url,note\n1\n2,${server.url}/a\n3,${server.url}/a,x,y\n4,${server.url}/a,x\n`);
  t.deepEqual(changes(await night({ input })), ['new', 'new', 'new', 'new']);
  t.deepEqual(changes(await night({ input })), ['still-failing', 'still-failing', 'still-failing', 'same']);
});

test('rows are told apart by the data and the cells in headers that they send', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': '' }, ({ body, headers }, response) => {
    response.end(body + String(headers['x-lang']));
  });
  const input = join(cwd, 'in.csv');
  const options = { input, data: '{id}', header: ['X-Lang: {lang}'], urlColumn: 'url' };
  const rows = [`1,en,${server.url}/a`, `1,fr,${server.url}/a`, `2,fr,${server.url}/a`];
  const write = async (lines: readonly string[]): Promise<void> =>
    writeFile(input, `id,lang,url\n${lines.join('\n')}\n`);
  await write(rows);
  await night(options);
  await write([...rows.toReversed(), `2,en,${server.url}/a`]);
  t.deepEqual(changes(await night(options)), ['same', 'same', 'same', 'new']);
});

test('the URL is made of the cells of each file', async (t) => {
  const { night, cwd, server } = await nights(t, { '/1': 'a', '/2': 'b' });
  const input = join(cwd, 'in.csv');
  const options = { input, urlTemplate: `${server.url}/{id}` };
  await writeFile(input, 'a,id\nx,1\ny,2\n');
  await night(options);
  await writeFile(input, 'id,b\n2,x\n3,y\n');
  t.deepEqual(changes(await night(options)), ['same', 'new']);
});

test('a key in the URL that is written nowhere may be another one tonight', async (t) => {
  const { night, list, asked } = await nights(t, {
    '/a?id=1&key=secret-one': 'a',
    '/a?id=1&key=secret-two': 'a',
  });
  const options = { secretParam: ['key'] };
  await list(['/a?id=1&key=secret-one']);
  const [first] = await night(options);
  t.true(first?.['fetch_url']?.endsWith('/a?id=1'));
  await list(['/a?id=1&key=secret-two']);
  t.deepEqual(changes(await night(options)), ['same']);
  t.not(asked()[0], undefined);
});

test('a path into JSON is found in the table that was made of it', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.jsonl');
  await writeFile(input, `{"page":{"url":"${server.url}/a"}}\n`);
  const options = { input, urlColumn: 'page.url' };
  await night(options);
  t.deepEqual(changes(await night(options)), ['same']);
});

test('a column that is called by number is found by its name', async (t) => {
  const { night, cwd, server } = await nights(t, { '/1': 'a' });
  const input = join(cwd, 'in.csv');
  const earlier = `fetch_status,fetch_url,page\n200,${server.url}/1,${server.url}/1\n`;
  await writeFile(input, earlier);
  const options = { input, urlColumn: '3' };
  t.deepEqual(changes(await night(options)), ['new']);
  t.deepEqual(changes(await night(options)), ['same']);
});

/** Values that formats may write in more than one way. */
const odd = [
  '=1+1',
  '-5',
  ' spaced ',
  'a,b;c\td|e',
  'say "so"',
  'two\nlines\r\nthree\rfour',
  '\ufeffmark',
  'e\u0301 \u{1f600} \u2028',
  '',
  '0010',
  '[1]',
  'null',
];

const forms = test.macro({
  exec: async (t, output: string, options: RunOptions) => {
    const plain = odd.map((value, index): [string, string] => [`/plain/${index}`, JSON.stringify({ value })]);
    const tags = odd.map((value, index): [string, string] => [
      `/tag/${index}`,
      `{"value":${JSON.stringify(value)},"list":[${index},{"b":1.50}],"big":12345678901234567890}`,
    ]);
    const { once, cwd, asked } = await nights(
      t,
      Object.fromEntries([...plain, ...tags]),
      (request, response, text) => {
        if (request.url.startsWith('/plain')) response.end(text);
        else tagged(request, response, text);
      },
    );
    const json = ['value=value', 'list=list', 'big=big'];
    const all = { output: join(cwd, output), json, columns: 'status,error,url,type,bytes', ...options };
    const night = async (): Promise<string> => {
      await once(all);
      const file = await readFile(join(cwd, output));
      return (output.endsWith('.gz') ? gunzipSync(file) : file).toString();
    };
    const first = await night();
    // Rows fetched again and copied rows are equal to the byte.
    t.is(await night(), first.replaceAll(/\bnew\b/g, 'same'));
    t.is(asked().filter((tag) => tag !== undefined).length, odd.length);
  },
  title: (_, output: string, options) =>
    `values are the same the next night: ${output} ${JSON.stringify(options)}`,
});

test(forms, 'out.csv', {});
test(forms, 'out.csv.gz', {});
test(forms, 'out.tsv', {});
test(forms, 'out.jsonl', {});
test(forms, 'out.jsonl.gz', {});
test(forms, 'out.csv', { excel: true });
test(forms, 'out.csv', { outputDelimiter: '|', crlf: true });
test(forms, 'out', {});
test(forms, 'out.txt', {});

test('quotes that all values of a night begin and end with are a part of them', async (t) => {
  const { night, list } = await nights(t, { '/a': `{"value":"'a'"}` }, (_, response, text) =>
    response.end(text),
  );
  await list(['/a', '/a', '/a']);
  const options = { json: ['value=value'], columns: 'status' };
  await night(options);
  t.deepEqual(changes(await night(options)), ['same', 'same', 'same']);
});

test('a header that looks like a row is one in the result as well', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.csv');
  await writeFile(input, `www.example.org\n${server.url}/a\n`);
  const options = { input, headerLine: true };
  await night(options);
  t.deepEqual(changes(await night(options)), ['same']);
});
