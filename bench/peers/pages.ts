/**
 * The pages scenario written by hand for Node: undici's `dispatch` on 64 clients, sha256 of node:crypto,
 * everything else in one pass of htmlparser2 without a tree. Usage: node pages.js LIST.csv RESULT.jsonl
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Parser } from 'htmlparser2';
import { Client, type Dispatcher } from 'undici';

const inFlight = 64;
const withoutText: ReadonlySet<string> = new Set(['script', 'style', 'noscript']);
const [, , list = '', result = ''] = process.argv;
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
const { origin } = new URL(urls[0] ?? '');
const out = openSync(result, 'w');
let next = 0;
let pending = '';

function read(html: string, url: string) {
  const page = { title: '', description: '', links: [] as string[], text: '' };
  let inTitle = false;
  let inBody = false;
  let leftOut = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (name === 'a' && attributes['href'] !== undefined)
        page.links.push(new URL(attributes['href'], url).href);
      else if (name === 'meta' && attributes['name'] === 'description') {
        page.description = attributes['content'] ?? '';
      } else if (name === 'title') inTitle = true;
      else if (name === 'body') inBody = true;
      else if (withoutText.has(name)) leftOut++;
    },
    ontext(text) {
      if (inBody && leftOut === 0) page.text += text;
      else if (inTitle) page.title += text;
    },
    onclosetag(name) {
      if (name === 'title') inTitle = false;
      else if (withoutText.has(name)) leftOut--;
    },
  });
  parser.end(html);
  return { ...page, text: page.text.replace(/\s+/g, ' ').trim() };
}

function finishPage(url: string, body: Buffer): void {
  const sha256 = createHash('sha256').update(body).digest('hex');
  pending += `${JSON.stringify({ url, ...read(body.toString('utf8'), url), sha256 })}\n`;
  if (pending.length < 65536) return;
  writeSync(out, pending);
  pending = '';
}

// Exits, because undici would catch an error thrown by a handler.
function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

function startClient(): void {
  const client = new Client(origin);
  let url: string | undefined;
  let chunks: Buffer[] = [];
  const handler: Dispatcher.DispatchHandler = {
    onConnect() {},
    onHeaders(status) {
      if (status !== 200) fail(`status ${status}`);
      return true;
    },
    onData(chunk) {
      chunks.push(chunk);
      return true;
    },
    onComplete() {
      const [first] = chunks;
      finishPage(url ?? '', chunks.length === 1 && first ? first : Buffer.concat(chunks));
      chunks = [];
      dispatchNext();
    },
    onError(error) {
      fail(error.message);
    },
  };
  function dispatchNext(): void {
    url = urls[next++];
    if (url === undefined) void client.close();
    else client.dispatch({ method: 'GET', path: url.slice(origin.length) }, handler);
  }
  dispatchNext();
}

for (let i = 0; i < inFlight; i++) startClient();
process.once('exit', () => {
  writeSync(out, pending);
  closeSync(out);
});
