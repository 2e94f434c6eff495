import { loadEncodings } from '../../src/page/encodings.ts';
import { ResponsePage } from '../../src/page/page.ts';

await loadEncodings();

/** A page as processors see it. */
export function pageOf(
  body: string | Buffer,
  contentType = 'text/html; charset=utf-8',
  url = 'http://example.org/',
): ResponsePage {
  const table = { names: ['url'], header: true };
  const row = { number: 1, cells: [url], table, url, error: null, detail: '', json: null };
  const headers = contentType === '' ? [] : [Buffer.from('Content-Type'), Buffer.from(contentType, 'latin1')];
  return new ResponsePage(row, url, 200, headers, contentType, Buffer.from(body));
}
