import { once } from 'node:events';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { certificates } from '../../helpers/certificates.ts';
import { httpServer, httpsServer } from '../../helpers/server.ts';
import type { Answer, TestServer } from '../../helpers/server.ts';

const answer: Answer = (_, response) => response.end('ok');

/** Number of sockets that keep the process alive. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCPSocket|TLS)Wrap$/.test(name)).length;
}

const ends = test.macro({
  exec: async (t, serve: (t: Parameters<typeof httpServer>[0]) => Promise<TestServer>) => {
    const server = await serve(t);
    const before = sockets();
    const fetcher = fetchUrls({ insecure: true });
    t.teardown(() => fetcher.destroy());
    fetcher.write(server.url);
    await once(fetcher, 'data');
    t.is(server.open(), 1);
    // The remaining one is the server's.
    t.is(sockets() - before, 1);
    fetcher.destroy();
    await server.closed();
  },
  title: (name) => `a connection that waits for another request does not keep the process alive: ${name}`,
});

// One after the other, because they count the process's open sockets.
test.serial('http', ends, async (t) => httpServer(t, answer));
test.serial('https', ends, async (t) => httpsServer(t, (await certificates()).good, answer));
