import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';

import test from 'ava';

import { fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';

const bodies = 6;
const pieces = 40;
const size = 32 * 1024;

/** A piece of a body that is different from all others. */
function piece(body: number, index: number): Buffer {
  return Buffer.alloc(size, `${body}/${index} `);
}

function hashOf(body: number): string {
  const hash = createHash('sha256');
  for (let i = 0; i < pieces; i++) hash.update(piece(body, i));
  return hash.digest('hex');
}

/** All sockets read into the same memory, so bodies that arrive at the same time must not be mixed up. */
const together = test.macro({
  exec: async (t, headers: Readonly<Record<string, string>>, extract: string) => {
    const responses: Promise<void>[] = [];
    const asked = new EventEmitter();
    const all = once(asked, 'all');
    const server = await httpServer(t, ({ url }, response) => {
      const send = async (): Promise<void> => {
        response.writeHead(200, { ...headers, 'x-body': url });
        await all;
        for (let i = 0; i < pieces; i++)
          if (!response.write(piece(Number(url.slice(1)), i))) await once(response, 'drain');
        response.end();
      };
      responses.push(send());
      if (responses.length === bodies) asked.emit('all');
    });
    const urls = Array.from({ length: bodies }, (_, i) => `${server.url}/${i}`);
    const limits = { concurrency: bodies, perHost: bodies, maxBody: '10MB' };
    const results = await fetchAll(urls, { ...limits, extract, responseHeader: ['said=x-body'] });
    await Promise.all(responses);
    for (const { row, values, error } of results) {
      t.is(error, null);
      const number = Number(row.url.at(-1));
      t.is(values['fetch_sha256'], hashOf(number));
      t.is(values['said'], `/${number}`);
    }
    t.is(results.length, bodies);
  },
  title: (name) => `bodies that come together stay apart: ${name}`,
});

const known = { 'content-length': String(pieces * size), 'content-type': 'text/html' };
const unknown = { 'content-type': 'text/html' };
test('in memory', together, known, 'sha256,title');
test('in memory, in chunks', together, unknown, 'sha256,title');
test('hashed as they come', together, known, 'sha256');
test('hashed as they come, in chunks', together, unknown, 'sha256');
test('until the connection ends', together, { ...unknown, connection: 'close' }, 'sha256,title');
