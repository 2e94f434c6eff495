/**
 * The pages scenario by hand in Node: undici's `dispatch` on 64 own clients, sha256 of node:crypto, the title
 * by htmlparser2, which gets no more of the page than up to `</title>`. Usage: node pages.js LIST.csv
 * RESULT.jsonl
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { Parser } from 'htmlparser2';
import { Client, type Dispatcher } from 'undici';

const inFlight = 64;
const [, , list = '', result = ''] = process.argv;
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
const { origin } = new URL(urls[0] ?? '');
const out = openSync(result, 'w');
let next = 0;
let pending = '';

function titleOf(body: Buffer): string {
  const title = { text: '', open: false, closed: false };
  const parser = new Parser({
    onopentagname(name) {
      title.open = name === 'title';
    },
    ontext(text) {
      if (title.open) title.text += text;
    },
    onclosetag(name) {
      if (name !== 'title') return;
      title.closed = true;
      parser.pause();
    },
  });
  const decoder = new StringDecoder('utf8');
  for (let at = 0; at < body.length && !title.closed; at += 1024) {
    parser.write(decoder.write(body.subarray(at, at + 1024)));
  }
  return title.text;
}

function finishPage(url: string, body: Buffer): void {
  const sha256 = createHash('sha256').update(body).digest('hex');
  pending += `${JSON.stringify({ url, title: titleOf(body), sha256 })}\n`;
  if (pending.length < 65536) return;
  writeSync(out, pending);
  pending = '';
}

// undici catches what a handler throws.
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
