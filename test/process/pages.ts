import { loadEncodings } from '../../src/page/encodings.ts';
import { ResponsePage } from '../../src/page/page.ts';

await loadEncodings();

/** A page as processors get it. @param more headers besides Content-Type */
export function pageOf(
  body: string | Buffer,
  contentType = 'text/html; charset=utf-8',
  url = 'http://example.org/',
  more: Readonly<Record<string, string>> = {},
): ResponsePage {
  const table = { names: ['url'], header: true };
  const row = { number: 1, cells: [url], table, url, error: null, detail: '', json: null };
  const said = contentType === '' ? more : { 'Content-Type': contentType, ...more };
  const headers = Object.entries(said).flat();
  return new ResponsePage(row, url, 200, headers, contentType, Buffer.from(body));
}
