import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { chosenExtractors, extractors } from '../../src/process/extractors.ts';
import { sha256 } from '../../src/process/sha256.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { pageOf } from './pages.ts';

function digest(body: string | Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

test('there are twenty-seven', (t) => {
  t.is(
    Object.keys(extractors).join(' '),
    'title description canonical lang h1 text text_sha256 links og jsonld jsonld_mended robots hreflang feeds sitemap_urls images ' +
      'emails favicon meta sha256 article article_title byline published language words microdata',
  );
});

test('a list gives its extractors in order, their columns with the prefix', async (t) => {
  const chosen = await chosenExtractors(' sha256,title ', 'web_');
  t.deepEqual(
    chosen.flatMap(({ columns }) => columns),
    ['web_sha256', 'web_title'],
  );
});

test('all are filled by one processor', async (t) => {
  const names = Object.keys(extractors);
  const [processor, ...others] = await chosenExtractors(names.join(','), '');
  t.is(others.length, 0);
  const values = await processor?.process(pageOf(wholePage));
  t.deepEqual(values, {
    title: 'T',
    description: 'D',
    canonical: 'http://example.org/c',
    lang: 'de',
    h1: 'H 1',
    text: 'H 1\nA B',
    text_sha256: digest('H 1\nA B'),
    links: ['http://example.org/a', 'mailto:a@b.example'],
    og: { type: 'x' },
    jsonld: [{ a: 1 }],
    jsonld_mended: [],
    robots: 'noindex',
    hreflang: [{ hreflang: 'en', href: 'http://example.org/en' }],
    feeds: ['http://example.org/rss'],
    sitemap_urls: '',
    images: ['http://example.org/i'],
    emails: ['a@b.example'],
    favicon: 'http://example.org/f',
    meta: { description: 'D', 'og:type': 'x', robots: 'noindex' },
    sha256: digest(wholePage),
    article: '',
    article_title: '',
    byline: '',
    published: '',
    language: '',
    words: 4,
    microdata: [],
  });
});

const wholePage =
  '<!doctype html><html lang="de"><head><title>T</title><meta name="description" content="D">' +
  '<link rel="canonical" href="/c"><meta property="og:type" content="x">' +
  '<meta name=robots content=noindex><link rel=alternate hreflang=en href=en>' +
  '<link rel=alternate type=application/rss+xml href=rss><link rel=icon href=f>' +
  '<script type="application/ld+json">{"a":1}</script></head>' +
  '<body><h1>H <b>1</b></h1><div><a href="a">A</a> B<img src=i><a href="mailto:a@b.example"></a></div></body></html>';

test('what is not HTML has empty values, but hashes', async (t) => {
  const names = Object.keys(extractors).filter((name) => !name.endsWith('sha256'));
  const [processor] = await chosenExtractors([...names, 'sha256', 'text_sha256'].join(','), '');
  const values = await processor?.process(pageOf(wholePage, 'text/plain'));
  const hashes = { sha256: digest(wholePage), text_sha256: digest(wholePage) };
  t.deepEqual(values, { ...Object.fromEntries(names.map((name) => [name, ''])), ...hashes });
});

test('HTML in which nothing is found', async (t) => {
  const [processor] = await chosenExtractors(
    'title,description,canonical,lang,h1,text,links,og,jsonld,robots,hreflang,feeds,images,emails,favicon,meta',
    '',
  );
  t.deepEqual(await processor?.process(pageOf('<p>')), {
    title: '',
    description: '',
    canonical: '',
    lang: '',
    h1: '',
    text: '',
    links: [],
    og: {},
    jsonld: [],
    robots: '',
    hreflang: [],
    feeds: [],
    images: [],
    emails: [],
    favicon: 'http://example.org/favicon.ico',
    meta: {},
  });
});

const refuses = test.macro({
  exec: async (t, list: string, message: RegExp) => {
    await t.throwsAsync(chosenExtractors(list, 'fetch_'), { instanceOf: UsageError, message });
  },
  title: (what) => `${what} is refused`,
});

test(
  'an unknown extractor',
  refuses,
  'title,image',
  /--extract: there is no extractor "image"; there are title, description, .*sha256/,
);
test('an extractor twice', refuses, 'title,sha256,title', /--extract: title is named twice/);
test('an empty list', refuses, '', /no extractor ""/);
test('a comma too many', refuses, 'title,', /no extractor ""/);
test('a name that all objects have', refuses, 'constructor', /no extractor "constructor"/);

const hashes = test.macro({
  exec: (t, body: Buffer, expected: string) => {
    t.is(sha256(pageOf(body)), expected);
  },
  title: (what) => `sha256 of ${what}`,
});

// FIPS 180-2, appendix B, and the digest of no bytes.
test('abc', hashes, Buffer.from('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
test('nothing', hashes, Buffer.alloc(0), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
test(
  'bytes that are no text',
  hashes,
  Buffer.from([0xff, 0x00, 0xfe]),
  digest(Buffer.from([0xff, 0x00, 0xfe])),
);

test('threads give the same values', async (t) => {
  const sentence = 'All human beings are born free and equal in dignity and rights, as everybody knows. ';
  const page =
    '<title>On the rights of all human beings</title><meta name="date" content="2024-05-01"><body>' +
    `<main itemscope><p itemprop="a">${sentence.repeat(5)}</p><p>${sentence.repeat(5)}</p></main>`;
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(page);
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const list = 'article,article_title,byline,published,language,words,microdata';
  // Regular expressions always run in a thread, so the others do too.
  const { stdout } = await urlmill(['-q', '--extract', list, '--regex', 'r=(On)', 'in.txt'], { cwd });
  const text = sentence.repeat(5).trim();
  t.like(csvObjects(stdout)[0], {
    fetch_error: '',
    fetch_article: `${text}\n\n${text}`,
    fetch_article_title: 'On the rights of all human beings',
    fetch_byline: '',
    fetch_published: '2024-05-01',
    fetch_language: 'en',
    fetch_words: '150',
    fetch_microdata: JSON.stringify([{ properties: { a: [sentence.repeat(5)] } }]),
    r: 'On',
  });
});

test('the command extracts title and sha256 of the decoded body', async (t) => {
  const page = '<title>Gr&ouml;&szlig;e</title>';
  const codings = {
    '/plain': ['identity', Buffer.from(page)],
    '/gzip': ['gzip', gzipSync(page)],
    '/br': ['br', brotliCompressSync(page)],
  } as const;
  const server = await httpServer(t, ({ url }, response) => {
    const [coding, body] = codings[url as keyof typeof codings];
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding }).end(body);
  });
  const urls = Object.keys(codings).map((path) => `${server.url}${path}\n`);
  const cwd = await temporaryFolder(t, { 'in.txt': urls.join('') });
  const { stdout } = await urlmill(['-q', '--extract', 'title,sha256', 'in.txt'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map((row) => [row['fetch_title'], row['fetch_sha256'], row['fetch_bytes']]),
    urls.map(() => ['Größe', digest(page), String(page.length)]),
  );
});

test('lists and objects are JSON in a cell', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<meta property="og:title" content=\'a "b"\'><a href="/x">X</a>');
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const { stdout } = await urlmill(['-q', '--extract', 'og,links', 'in.txt'], { cwd });
  const [row] = csvObjects(stdout);
  t.deepEqual(JSON.parse(row?.['fetch_og'] ?? ''), { title: 'a "b"' });
  t.deepEqual(JSON.parse(row?.['fetch_links'] ?? ''), [`${server.url}/x`]);
});

test('a row that failed has empty cells there', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.txt': 'mailto:a\n' });
  const { stdout } = await urlmill(['-q', '--extract', 'title,sha256', 'in.txt'], { cwd });
  t.like(csvObjects(stdout)[0], { fetch_title: '', fetch_sha256: '' });
});

test('an earlier run of the same extractors is replaced', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<title>New</title>');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `url,fetch_title\n${server.url},Old\n` });
  const { stdout } = await urlmill(['-q', '--columns', 'status', '--extract', 'title', 'in.csv'], { cwd });
  t.is(stdout, `url,fetch_status,fetch_title\n${server.url},200,New\n`);
});
