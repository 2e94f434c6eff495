import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';

import test from 'ava';

import type { Batch } from '../../src/write/batch.ts';
import { WriteResults } from '../../src/write/write-results.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { resultOf, tableOf } from './samples.ts';

function list(rows: number): string {
  return `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},mailto:a@example.org\n`).join('')}`;
}

/** The unpacked text of an output, and the names in its folder. */
async function packed(
  t: Parameters<typeof temporaryFolder>[0],
  name: string,
): Promise<{ text: string; names: string[] }> {
  const cwd = await temporaryFolder(t, { 'in.csv': list(3) });
  await urlmill(['-q', '--columns', 'error', '-o', name, 'in.csv'], { cwd });
  return { text: gunzipSync(await readFile(join(cwd, name))).toString(), names: await readdir(cwd) };
}

test('.gz packs the output, and its .part is gone', async (t) => {
  const { text, names } = await packed(t, 'out.csv.gz');
  t.is(text.split('\n')[1], '1,mailto:a@example.org,unsupported-scheme');
  t.deepEqual(names, ['in.csv', 'out.csv.gz']);
});

test('.tsv.gz packs a TSV', async (t) => {
  const { text } = await packed(t, 'out.tsv.gz');
  t.is(text.split('\n')[1], '1\tmailto:a@example.org\tunsupported-scheme');
});

test('.jsonl.gz packs JSON Lines', async (t) => {
  const { text } = await packed(t, 'out.jsonl.gz');
  t.is(text.split('\n')[0], '{"id":"1","url":"mailto:a@example.org","fetch_error":"unsupported-scheme"}');
});

test('gzip itself finds no fault in a large packed output', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(20_000) });
  const { code, stdout } = await shell(
    '"$@" && gzip -t out.csv.gz && gzip -dc out.csv.gz | tail -n 1',
    ['-q', '-o', 'out.csv.gz', 'in.csv'],
    { cwd },
  );
  t.regex(stdout, /^20000,mailto:/);
  t.is(code, 0);
});

test('a packed output can be read again', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(5000) });
  await urlmill(['-q', '-o', 'out.csv.gz', 'in.csv'], { cwd });
  const { code, stdout } = await urlmill(['-q', 'out.csv.gz'], { cwd });
  t.is(csvObjects(stdout).length, 5000);
  t.is(code, 0);
});

test('a packed output is whole where it is cut at what is safe', async (t) => {
  const batches: Batch[] = [];
  const onBatch = (batch: Batch): void => void batches.push(batch);
  const added = { results: ['status'], processed: [], prefix: 'fetch_' };
  const stream = new WriteResults({ format: 'csv', added, gzip: true, onBatch });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const table = tableOf('id', 'text');
  const rows = Array.from({ length: 6000 }, (_, i) => resultOf(table, [String(i), 'x'.repeat(50)]));
  await pipeline(Readable.from(rows), stream);
  const whole = Buffer.concat(chunks);
  let rowsSoFar = 0;
  for (const { end, rows: inBatch } of batches) {
    rowsSoFar += inBatch.length;
    const lines = gunzipSync(whole.subarray(0, end)).toString().trimEnd().split('\n');
    t.is(lines.length - 1, rowsSoFar);
  }
  t.is(rowsSoFar, 6000);
  t.is(gunzipSync(whole).toString().split('\n').length, 6002);
});

const withoutRows = test.macro(async (t, args: string[]) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${server.url}\n`,
    'none.mjs': "export default { columns: ['x'], process: () => [] };",
    'old.csv': 'url,fetch_status\na.org,200\n',
  });
  const line = '"$@" -q -o out.jsonl.gz && gzip -dc out.jsonl.gz';
  t.deepEqual(await shell(line, args, { cwd }), { code: 0, stdout: '', stderr: '' });
  t.deepEqual(await readFile(join(cwd, 'out.jsonl.gz')), gzipSync(''));
});

test('a packed output without rows is a gzip file', withoutRows, ['--module', 'none.mjs', 'in.csv']);
test('so is that of diff without a difference', withoutRows, ['diff', 'old.csv', 'old.csv']);
