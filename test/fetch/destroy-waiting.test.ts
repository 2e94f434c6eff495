import { spawn } from 'node:child_process';
import { once } from 'node:events';

import test from 'ava';

import { closedPort, httpServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';

const library = new URL('../../src/index.js', import.meta.url).href;

/**
 * A program that starts a run and destroys it when told to on standard input. Nothing else keeps the process
 * alive.
 */
const program = `
  import { fetchUrls } from ${JSON.stringify(library)};
  const { urls, options, how } = JSON.parse(process.argv[1]);
  const fetcher = fetchUrls(options);
  fetcher.on('notice', () => console.log('notice'));
  fetcher.on('data', ({ error }) => console.log('result', error));
  for (const url of urls) fetcher.write(url);
  if (how === 'stop') fetcher.end();
  process.stdin.once('data', () => {
    if (how === 'stop') fetcher.stop(1);
    else fetcher.destroy();
    process.stdin.destroy();
  });
`;

const away: Answer = (_, response) => response.writeHead(503, { 'retry-after': '3600' }).end();
const ends = test.macro({
  exec: async (t, how: string, options: object, answer: Answer | null) => {
    const server = await httpServer(t, answer ?? (() => {}));
    const port = answer === null ? await closedPort() : server.port;
    const urls = Array.from({ length: 8 }, (_, i) => `http://${answer === null ? `h${i}` : 'a'}.test/`);
    const waits = { maxWait: 6 * 3_600_000, retries: 9, perHost: 1, connectTo: [`::127.0.0.1:${port}`] };
    const job = JSON.stringify({ urls, options: { ...waits, ...options }, how });
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, job], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const ended = once(child, 'close');
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    if (answer !== null) await server.requested(1);
    else await once(child.stdout, 'data');
    child.stdin.write('now');
    const [code, signal] = (await ended) as [number | null, string | null];
    t.deepEqual([code, signal], [0, null]);
    const results = said.match(/result \S+/g) ?? [];
    // Rows were cancelled, not failed without a try; but a probe of the network may fail at the last moment.
    t.true(
      results.every((result) => /^result (null|cancelled|connect-refused)$/.test(result)),
      said,
    );
    await server.closed();
  },
  title: (name, how: string) => `${how}() during ${name} leaves nothing that keeps the process alive`,
});

for (const how of ['stop', 'destroy']) {
  test('a pause', ends, how, {}, away);
  test('a pace of the host', ends, how, { hostRate: 1 / 3600 }, (_, response) => response.end());
  test('a pace of all', ends, how, { rate: 1 / 3600 }, (_, response) => response.end());
  test('an outage', ends, how, {}, null);
}
