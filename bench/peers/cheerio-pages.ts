/**
 * The pages scenario as users of cheerio write it: a keep-alive pool of undici, 64 workers, `load` and
 * selectors. Usage: node cheerio-pages.js LIST.csv RESULT.jsonl [slim|select]
 *
 * `select` extracts what the five selectors of `pages/works.ts` find. `slim` uses cheerio/slim, which parses
 * by htmlparser2 instead of parse5: faster, but it does not repair pages as browsers do.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync } from 'node:fs';
import { Pool } from 'undici';

const inFlight = 64;
const [, , list = '', result = '', way = ''] = process.argv;
const read = way === 'select' ? selected : extracted;
const { load } = way === 'slim' ? await import('cheerio/slim') : await import('cheerio');
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
const { origin } = new URL(urls[0] ?? '');
const pool = new Pool(origin, { connections: inFlight });
const out = createWriteStream(result);
let next = 0;

async function work(): Promise<void> {
  for (let url = urls[next++]; url !== undefined; url = urls[next++]) {
    const { statusCode, body } = await pool.request({ method: 'GET', path: url.slice(origin.length) });
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    out.write(`${JSON.stringify(read(url, Buffer.from(await body.arrayBuffer())))}\n`);
  }
}

function selected(url: string, body: Buffer) {
  const $ = load(body.toString('utf8'));
  const texts = (css: string): string[] => Array.from($(css), (element) => $(element).text());
  const hrefs = (css: string): string[] => Array.from($(css), (element) => $(element).attr('href') ?? '');
  return {
    url,
    heading: $('h1.title').first().text(),
    signature: $('.type-signature').first().text(),
    members: texts('section.detail > h3'),
    references: hrefs('dl.notes a[href]'),
    outside: hrefs('a[href^="http"]'),
  };
}

function extracted(url: string, body: Buffer) {
  const $ = load(body.toString('utf8'));
  const links = Array.from($('a[href]'), (element) => new URL($(element).attr('href') ?? '', url).href);
  $('script, style, noscript').remove();
  return {
    url,
    title: $('title').first().text(),
    description: $('meta[name="description"]').attr('content') ?? '',
    links,
    text: $('body').text().replace(/\s+/g, ' ').trim(),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

await Promise.all(Array.from({ length: inFlight }, work));
out.end();
await pool.close();
