import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { sameBytes } from '../helpers/same.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { decodeWithRawBytes } from '../../src/shared/raw-bytes.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import { readUrls } from '../../src/read/read-urls.ts';
import { writeResults } from '../../src/write/write-results.ts';
import type { WriteResultsOptions } from '../../src/write/write-results.ts';
import { resultOf, tableOf } from './samples.ts';

/** Text in which each character stands for one byte. */
function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

async function written(input: Buffer, write: WriteResultsOptions): Promise<Buffer> {
  const parts: Buffer[] = [];
  await pipeline(
    Readable.from([input]),
    readUrls({ urlColumn: '1' }),
    fetchUrls({ ordered: true }),
    writeResults({ columns: 'error', ...write }),
    async (output: AsyncIterable<Buffer>) => {
      for await (const part of output) parts.push(part);
    },
  );
  return Buffer.concat(parts);
}

const comesBack = test.macro(async (t, latin1: string, expected: string, write: WriteResultsOptions = {}) => {
  t.is((await written(bytesOf(latin1), write)).toString('latin1'), expected);
});

const input = 'url,n\nmailto:a,\xc3\xa9\nmailto:b,Caf\xe9 \xc3\xa9\nmailto:c,"\xff,"\n';

test(
  'bytes that are not UTF-8 come back as CSV',
  comesBack,
  input,
  'url,n,fetch_error\nmailto:a,\xc3\xa9,unsupported-scheme\nmailto:b,Caf\xe9 \xc3\xa9,bad-row\nmailto:c,"\xff,",bad-row\n',
);
test(
  'they come back as TSV',
  comesBack,
  input,
  'url\tn\tfetch_error\nmailto:a\t\xc3\xa9\tunsupported-scheme\nmailto:b\tCaf\xe9 \xc3\xa9\tbad-row\nmailto:c\t\xff,\tbad-row\n',
  { outputFormat: 'tsv' },
);
test('surplus cells do too', comesBack, 'url\nmailto:a,\xe9\n', 'url,fetch_error\nmailto:a,bad-row,\xe9\n');
test(
  'so do those of JSON Lines',
  comesBack,
  '{"url":"mailto:a","n":"\xe9"}\n',
  'url,n,fetch_error\nmailto:a,\xe9,bad-row\n',
);

test('JSON Lines hold U+FFFD instead', async (t) => {
  const json = '{"url":"mailto:a","n":"\ufffd","fetch_error":"bad-row"}\n';
  const write = { outputFormat: 'jsonl' } as const;
  t.is((await written(bytesOf('url,n\nmailto:a,\xe9\n'), write)).toString(), json);
  t.is((await written(bytesOf('{"url":"mailto:a","n":"\xe9"}\n'), write)).toString(), json);
});

test('a line that is no JSON object comes back as its text', async (t) => {
  const text = '{"url":"mailto:a","n":1}\nnonsense\n';
  const output = await written(Buffer.from(text), { outputFormat: 'jsonl' });
  t.is(output.toString().split('\n')[1], '{"url":"","n":"","fetch_error":"bad-row","3":"nonsense"}');
  t.is((await written(Buffer.from(text), {})).toString().split('\n')[2], ',,bad-row,nonsense');
});

test(
  'such a line may be no UTF-8 either',
  comesBack,
  '{"url":"mailto:a"}\n[\xe9\n',
  'url,fetch_error\nmailto:a,unsupported-scheme\n,bad-row,[\xe9\n',
);
test(
  'keys that the first object lacks come back with their bytes',
  comesBack,
  '{"url":"mailto:a"}\n{"url":"mailto:b","\xfe":1}\n',
  'url,fetch_error\nmailto:a,unsupported-scheme\nmailto:b,bad-row,"{""\xfe"":1}"\n',
);

test('in JSON Lines keys hold U+FFFD, and an escape in a good row stays one', async (t) => {
  const lines = '{"url":"mailto:a"}\n{"url":"mailto:b","\xfe":1}\n{"url":"mailto:c","\\udcfe":1}\n';
  const output = await written(bytesOf(lines), { outputFormat: 'jsonl' });
  t.deepEqual(output.toString().split('\n').slice(1, 3), [
    '{"url":"mailto:b","\ufffd":1,"fetch_error":"bad-row"}',
    String.raw`{"url":"mailto:c","\udcfe":1,"fetch_error":"unsupported-scheme"}`,
  ]);
});

test('half a pair of UTF-16 becomes U+FFFD', async (t) => {
  const utf16 = Buffer.from('\ufeffurl,n\nmailto:a,\ud83d!\n', 'utf16le');
  t.is((await written(utf16, {})).toString(), 'url,n,fetch_error\nmailto:a,\ufffd!,bad-row\n');
});

test('what a page or a JSON text says of lone surrogates makes no bytes', async (t) => {
  const table = tableOf('url', 'n');
  const good = resultOf(table, ['mailto:a', 'x'], { values: { v: '\udce9' }, type: 'text/\udcff' });
  const parts: Buffer[] = [];
  await pipeline(
    Readable.from([good]),
    writeResults({ columns: 'type', processed: ['v'] }),
    async (output: AsyncIterable<Buffer>) => {
      for await (const part of output) parts.push(part);
    },
  );
  t.is(
    Buffer.concat(parts).toString('latin1').split('\n')[1],
    bytesOf('').toString() + 'mailto:a,x,text/\xef\xbf\xbd,\xef\xbf\xbd',
  );
  const escaped = await written(Buffer.from('{"url":"mailto:a"}\n{"url":"mailto:b","x":"\\udce9"}\n'), {});
  t.false(escaped.includes(0xe9));
});

test('text with bytes in it is decoded as UTF-8 where it is valid', (t) => {
  t.is(
    decodeWithRawBytes(bytesOf('\xf0\x9f\x98\x80\xf0\x9f\x98a\xed\xa0\x80')),
    '😀\udcf0\udc9f\udc98a\udced\udca0\udc80',
  );
});

const list = Buffer.concat([
  Buffer.from('id,url\n'),
  ...Array.from({ length: 3000 }, (_, i) => bytesOf(`${i === 2500 ? 'Caf\xe9' : i},mailto:${i}\n`)),
]);

test('a run goes on behind a row that cannot be decoded, and says so once', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const args = ['--ordered', '--columns', 'error,error_detail', '-o', 'out.csv.gz', 'in.csv'];
  const { code, stderr } = await urlmill(['--progress', 'never', ...args], { cwd });
  t.is(code, 0);
  const told = stderr.split('\n').filter((line) => line.includes('UTF-8'));
  t.deepEqual(told, [
    'urlmill: in.csv: line 2502 is not UTF-8 (byte 4 of the line is 0xE9); name its encoding, perhaps --encoding windows-1252 (such rows are bad-row, and the run goes on)',
  ]);
  const lines = gunzipSync(await readFile(join(cwd, 'out.csv.gz')))
    .toString('latin1')
    .split('\n');
  t.is(lines.length, 3002);
  t.is(lines[2501], 'Caf\xe9,mailto:2500,bad-row,line 2502 is not UTF-8 (byte 4 of the line is 0xE9)');
  t.false((await urlmill(['-q', 'in.csv'], { cwd })).stderr.includes('UTF-8'));
});

test('a second pass keeps the bytes and the number of such a row', async (t) => {
  const first =
    'id,url,fetch_row,fetch_status,fetch_error\n\xe9,mailto:a,7,,bad-row\nb,http://127.0.0.1:1/,8,200,\n';
  const cwd = await temporaryFolder(t, { 'old.csv': bytesOf(first) });
  const { code } = await urlmill(['-q', '--retry-failed', 'old.csv', '-o', 'new.csv', '--ordered'], { cwd });
  t.is(code, 0);
  t.is((await readFile(join(cwd, 'new.csv'))).toString('latin1'), first);
});

test('a run that goes on numbers the rows as the first one did, and ends with the same bytes', async (t) => {
  const lines = Array.from({ length: 4000 }, (_, i) =>
    i % 7 === 3 ? `\xe9,mailto:${i}\n` : `${i},mailto:${i}\n`,
  );
  lines[3500] = '"3500,mailto:x\n';
  const cwd = await temporaryFolder(t, { 'in.csv': bytesOf(`id,url\n${lines.join('')}`) });
  const args = ['-q', '--ordered', '--columns', 'row,error,error_detail', 'in.csv'];
  t.is((await urlmill([...args, '-o', 'whole.csv'], { cwd })).code, 0);
  t.is((await urlmill([...args, '-o', 'out.csv', '--max-failures', '1500'], { cwd })).code, 6);
  t.is((await urlmill([...args, '-o', 'out.csv', '--resume'], { cwd })).code, 0);
  const whole = await readFile(join(cwd, 'whole.csv'));
  sameBytes(t, await readFile(join(cwd, 'out.csv')), whole);
  t.is(whole.toString('latin1').split('\n').length, 4002);
});
