import { gzipSync } from 'node:zlib';

import test from 'ava';

import { piecesOf, readAll, sourceOf } from '../helpers/reading.ts';
import type { Reading } from '../helpers/reading.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

function plain({ rows, error, state }: Reading): unknown {
  return {
    error: error instanceof Error ? `${error.name}: ${error.message}` : error,
    table: state.table,
    rows: rows.map(({ number, url, cells, error: code, detail, json }) => [
      number,
      url,
      cells,
      code,
      detail,
      json,
    ]),
    bytes: state.bytes,
  };
}

/**
 * The rows are the same if the bytes come at once, in pieces of any one size, or in two pieces cut anywhere.
 */
const anyPieces = test.macro(
  async (t, content: string | Buffer, urls: readonly string[], said: ReadUrlsOptions = {}) => {
    const bytes = Buffer.from(content as string);
    const whole = await readAll(sourceOf(bytes), said);
    t.deepEqual(
      whole.rows.map(({ url }) => url),
      urls,
      'at once',
    );
    t.is(whole.error, null);
    for (let size = 1; size < Math.min(bytes.length, 70); size++) {
      t.deepEqual(
        plain(await readAll(sourceOf(piecesOf(bytes, size)), said)),
        plain(whole),
        `pieces of ${size}`,
      );
    }
    for (let at = 1; at < bytes.length; at++) {
      const halves = [bytes.subarray(0, at), bytes.subarray(at)];
      t.deepEqual(plain(await readAll(sourceOf(halves), said)), plain(whole), `cut at ${at}`);
    }
  },
);

const [a, b] = ['https://a.example/x', 'https://b.example/é'];
const csv = `url,näme\r\n${a},"one\r\ntwo ""three"", four"\r\n${b},😀€\r\n`;

test('CSV with quoted newlines and long characters', anyPieces, csv, [a, b]);
test('CSV without a last line end', anyPieces, csv.trimEnd(), [a, b]);
test('CSV of CRs', anyPieces, csv.replaceAll('\r\n', '\r'), [a, b]);
test('CSV of all line ends with blank lines', anyPieces, `\r\nurl,n\n\r${a},1\r\n\r\n\n${b},2\r\r`, [a, b]);
test('CSV that ends with quotes', anyPieces, `url,n\n${a},"1"\n${b},""""`, [a, b]);
test('CSV with a mark', anyPieces, `\ufeff${csv}`, [a, b]);
test('UTF-16 LE', anyPieces, Buffer.from(`\ufeff${csv}`, 'utf16le'), [a, b]);
test('UTF-16 BE', anyPieces, Buffer.from(`\ufeff${csv}`, 'utf16le').swap16(), [a, b]);
test('gzip', anyPieces, gzipSync(csv), [a, b]);
test('gzip of two members', anyPieces, Buffer.concat([gzipSync(csv.slice(0, 40)), gzipSync(csv.slice(40))]), [
  a,
  b,
]);
test('ragged records', anyPieces, `url,n\n${a}\n${a},1\n${b},1,2\n`, ['', a, '']);
test('a delimiter that comes late', anyPieces, `an example of a description;homepage;n\nx;${a};1\n`, [a]);
test('a delimiter that others outnumber later', anyPieces, `a,description;homepage;n\n1,2,3;${a};4,5,6,7\n`, [
  a,
]);
test('many blank lines first', anyPieces, `${'\n'.repeat(30)}url\n${a}\n`, [a]);
test('a URL column found by its cells', anyPieces, `name,page\nfirst,\nsecond,${a}\nthird,${b}\n`, [
  '',
  a,
  b,
]);
test('a URL column found by most of its cells', anyPieces, `name,page\n${a},${a}\ny,${a}\nz,${b}\n`, [
  a,
  a,
  b,
]);
test('a list of URLs', anyPieces, `${a}\r\n\r\n${b}\r\n`, [a, b]);
test('a list of URLs that hold commas', anyPieces, `${a},1,2\n${b}\n`, [`${a},1,2`, b]);
test('a list of URLs of which the third alone holds no comma', anyPieces, `${a},1\n${a},2\n${b}\n`, [
  `${a},1`,
  `${a},2`,
  b,
]);
test('a header that looks like a host name', anyPieces, `page.url\n${a}\n${b}\n`, [a, b]);
test('a list of host names', anyPieces, 'a.example/x\r\nb.example/y\r\nc.example', [
  'https://a.example/x',
  'https://b.example/y',
  'https://c.example',
]);
test('JSON Lines', anyPieces, `{"name":"é","url":"${a}"}\r\n\n{"url":"${b}","x":{"y":"€😀"}}`, [a, b]);
test('said to be lines', anyPieces, `${b}\r${a}\r\r\n${a}`, [b, a, a], { inputFormat: 'lines' });
test('said to have no header', anyPieces, `1,${a}\n2,${b}\n`, [a, b], { noHeader: true });
