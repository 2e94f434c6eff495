import { readFile } from 'node:fs/promises';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/**
 * Pages like those on the web. Each folder has the headers and the body as sent, and the command's arguments.
 */
const pages = new URL('../../../fixtures/pages-as-they-are/', import.meta.url);

/** Runs the command with a folder's arguments; the result's row must contain `right`. */
const given = test.macro<[folder: string, right: Readonly<Record<string, unknown>>]>({
  exec: async (t, folder, right) => {
    const read = (name: string): Promise<Buffer> => readFile(new URL(`${folder}/${name}`, pages));
    const body = await read('body');
    const headers = (await read('headers'))
      .toString()
      .trim()
      .split('\n')
      .flatMap((line) => line.split(/: *(.*)/s, 2));
    const args = JSON.parse((await read('args.json')).toString()) as readonly string[];
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, headers).end(body);
    });
    const cwd = await temporaryFolder(t, { 'list.txt': `${url}/${folder}\n` });
    const ended = await urlmill(['-q', '--output-format', 'jsonl', ...args, 'list.txt'], { cwd });
    t.is(ended.stderr, '');
    t.is(ended.code, 0);
    t.like(JSON.parse(ended.stdout), { fetch_status: 200, fetch_error: null, ...right });
  },
  title: (_, folder) => folder,
});

test(given, '10-json-utf8-as-html', { name: 'Müller – 東京' });
test(given, '12-json-1e400', { a: '1e400', b: 'kept' });
test(given, '13-regex-list', { x: ['1-2', '3-4'] });
test(given, '17-charset-undeclared-sjis', { fetch_charset: 'Shift_JIS', fetch_title: '日本語のページ' });
test(given, '18-charset-undeclared-gbk', { fetch_charset: 'GBK', fetch_title: '网站地图' });
test(given, '19-ct-meta-ignored', { fetch_charset: 'GBK', fetch_title: '测试' });
test(given, '20-ct-joined-charset', { fetch_charset: 'UTF-8', fetch_title: 'é✓' });
test(given, '22-ct-two-types', { fetch_type: 'text/html', fetch_title: 'é✓' });
test(given, '23-ct-not-a-type', { fetch_type: 'html', fetch_title: 'é✓' });
test(given, '25-feed-as-html', { title: ['A & B'], link: ['http://f.example/1'] });
test(given, '26-feed-as-plain', { link: ['http://f.example/1'] });
test(given, '27-sitemap-gz', { loc: ['http://s.example/'] });
test(given, '01-select-li-p', { x: ['a', 'b'] });
test(given, '02-select-td-p', { x: ['x', 'y', 'z'] });
test(given, '04-select-thead-tbody', { cap: 'cap', head: 'h', x: ['d'] });
test(given, '06-select-heading-mismatch', { h: 'Welcome', x: ['a', 'b'] });
test(given, '08-select-noscript', { x: ['ns', 'real'] });
test(given, '09-select-svg-names', { x: 'f', y: 'f', z: 'g' });
test(given, '14-xhtml-selfclosing-script', {
  fetch_title: 'Seite',
  fetch_h1: 'Kopf',
  fetch_text: 'Kopf\n\nx',
  x: 'Kopf',
});
test(given, '15-xhtml-empty-title', { fetch_title: '', fetch_h1: 'Head' });
test(given, '29-jsonld-sloppy', {
  fetch_jsonld: [
    { '@type': 'A' },
    { '@type': 'B', d: 'line\nbreak' },
    ...['C', 'D', 'E', 'F'].map((type) => ({ '@type': type })),
  ],
});
test(given, '30-title-in-svg-title', { fetch_title: 'Page' });
test(given, '32-frameset-rest', { fetch_h1: '', fetch_links: [] });
