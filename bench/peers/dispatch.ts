/**
 * The least that Node and undici can do: `dispatch` on 64 clients with one connection and one handler object
 * each, without rows, deadlines or limits. Usage: node dispatch.js LIST.csv
 */
import { readFileSync } from 'node:fs';
import { Client, type Dispatcher } from 'undici';

const inFlight = 64;
const [, , list = ''] = process.argv;
const urls = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
const { origin } = new URL(urls[0] ?? '');
let next = 0;
let bytes = 0;

// Exits, because undici would catch an error thrown by a handler.
function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

function startClient(): void {
  const client = new Client(origin);
  const handler: Dispatcher.DispatchHandler = {
    onConnect() {},
    onHeaders(status) {
      if (status !== 200) fail(`status ${status}`);
      return true;
    },
    onData(chunk) {
      bytes += chunk.length;
      return true;
    },
    onComplete: dispatchNext,
    onError(error) {
      fail(error.message);
    },
  };
  function dispatchNext(): void {
    const url = urls[next++];
    if (url === undefined) void client.close();
    else client.dispatch({ method: 'GET', path: url.slice(origin.length) }, handler);
  }
  dispatchNext();
}

for (let i = 0; i < inFlight; i++) startClient();
process.once('exit', () => console.log(`${urls.length} URLs, ${bytes} bytes`));
