import http from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { httpServer } from '../helpers/server.ts';
import { Job, end, ended, linesOf } from './job.ts';
import type { Running } from './job.ts';

async function portOf(service: Running): Promise<number> {
  const [line] = (await once(service.stdout, 'data')) as [Buffer];
  return Number(/listening on (\d+)/.exec(line.toString())?.[1]);
}

async function check(port: number, list: string): Promise<{ status: number | undefined; body: string }> {
  const request = http.request({ port, method: 'POST' });
  request.end(list);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

test('a service has five lists at the same time', async (t) => {
  const lists = 5;
  const rows = 40;
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<title>${url}</title>`);
  });
  const job = await Job.start(t, {});
  const service = job.begin('service.mjs');
  const port = await portOf(service);
  const answers = await Promise.all(
    Array.from({ length: lists }, async (_, list) => {
      const urls = Array.from({ length: rows }, (__, row) => `${row},${server.url}/${list}/${row}\n`);
      return check(port, `id,url\n${urls.join('')}`);
    }),
  );
  for (const [list, { status, body }] of answers.entries()) {
    t.is(status, 200);
    const results = linesOf(body).map((line) => JSON.parse(line) as Record<string, unknown>);
    t.deepEqual(
      results.map(({ id, fetch_title: title }) => `${String(id)} ${String(title)}`).toSorted(),
      Array.from({ length: rows }, (_, row) => `${row} /${list}/${row}`).toSorted(),
    );
  }
  t.true(server.mostAtOnce() <= 4, String(server.mostAtOnce()));
  // An invalid list and a client that goes away do not affect other lists.
  t.is((await check(port, 'a,b\n1,2\n')).status, 400);
  const gone = http.request({ port, method: 'POST' });
  gone.on('error', () => {});
  gone.write(`url\n${server.url}/slow\n`);
  gone.destroy();
  t.is((await check(port, `url\n${server.url}/last\n`)).status, 200);
  end(service, 'SIGTERM');
  t.regex((await ended(service)).stderr, /a list was cut short/);
});
