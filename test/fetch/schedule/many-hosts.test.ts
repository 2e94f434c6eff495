import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { closedPort, rawServer } from '../../helpers/server.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A long name, so that whatever is kept of a host shows in the heap. */
const name = 'a'.repeat(5000);

const nothingKept = test.macro({
  /** @param kept number of hosts of which something may be kept */
  exec: async (t, answers: boolean, kept: number) => {
    const hosts = kept + 2000;
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    const server = await rawServer(t, (socket, part) => {
      if (part.endsWith('\r\n\r\n')) socket.write(answer);
    });
    const port = answers ? server.port : await closedPort();
    const fetcher = fetchUrls({
      concurrency: 50,
      lookAhead: 100,
      retries: 0,
      maxWait: 1,
      connectTo: [`::127.0.0.1:${port}`],
    });
    t.teardown(() => fetcher.destroy());
    let done = 0;
    let before = 0;
    fetcher.on('data', (result: { status: number | null }) => {
      t.is(result.status, answers ? 200 : null);
      done++;
    });
    for (let i = 0; i < hosts; i++) {
      if (i === kept + 400) before = heapAfterCollection();
      if (!fetcher.write(`http://${name}${i}.test/`))
        await new Promise((resolve) => fetcher.once('drain', resolve));
    }
    const grown = heapAfterCollection() - before;
    t.true(done > hosts / 2);
    // The names of the later hosts alone would be 8 MB; connections in flight and idle ones take far less.
    t.true(grown < 4_000_000, `${grown} bytes for ${done} hosts`);
    fetcher.destroy();
    await server.closed();
  },
  title: (name_) => `nothing is kept of hosts that are done: ${name_}`,
});

// The last 400 hosts may have idle connections.
test.serial('answered', nothingKept, true, 400);
// The last 10,000 hosts that failed are remembered.
test.serial('refused', nothingKept, false, 10_000);

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
