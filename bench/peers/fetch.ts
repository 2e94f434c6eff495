/** Node's built-in `fetch`, 64 at a time. Usage: node fetch.js LIST.csv */
import { readFileSync } from 'node:fs';

const inFlight = 64;
const [, , list = ''] = process.argv;
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
let next = 0;
let bytes = 0;

async function* bodies(): AsyncGenerator<ArrayBuffer, void, void> {
  while (next < urls.length) {
    yield fetchBody(urls[next++] ?? '');
  }
}

async function fetchBody(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  return response.arrayBuffer();
}

async function work(): Promise<void> {
  for await (const body of bodies()) bytes += body.byteLength;
}

await Promise.all(Array.from({ length: inFlight }, work));
console.log(`${urls.length} URLs, ${bytes} bytes`);
