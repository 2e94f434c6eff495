import { once } from 'node:events';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function list(count: number): string {
  return `url\n${Array.from({ length: count }, (_, i) => `http://h${i}.test/\n`).join('')}`;
}

/** Longer than a test may take: a run that waits that long fails the test. */
const long = ['--max-wait', '6h', '--retries', '9'];

const ends = test.macro({
  exec: async (t, args: readonly string[], answer: Answer, expected: readonly string[]) => {
    const server = await httpServer(t, answer);
    const cwd = await temporaryFolder(t, { 'in.csv': list(6).replaceAll(/h\d\./g, 'h.') });
    const to = ['--connect-to', `::127.0.0.1:${server.port}`];
    const child = runningUrlmill(t, [...long, ...args, ...to, 'in.csv'], { cwd });
    const ended = endOf(child);
    await server.requested(expected.length);
    // The signal may come before the reply is read, which makes no difference to the result.
    child.kill('SIGINT');
    const { stdout, ...how } = await ended;
    t.deepEqual(
      csvObjects(stdout).map((row) => `${row['fetch_status']} ${row['fetch_error']}`),
      expected,
    );
    t.like(how, { code: 130, signal: null });
  },
  title: (name) => `SIGINT during ${name}`,
});

test('a pace', ends, ['--host-rate', '1/h', '--grace', '10m'], (_, response) => response.end('ok'), ['200 ']);

test('a pause that a host has asked for: the row that rests is cancelled', async (t) => {
  let asked = 0;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'h0.test') {
      asked++;
      response.writeHead(503, { 'retry-after': '3600' }).end();
    } else response.end();
  });
  const rows = `url\nhttp://h0.test/1\n${list(40).slice(4)}http://h0.test/2\n`;
  const cwd = await temporaryFolder(t, { 'in.csv': rows });
  const to = ['--connect-to', `::127.0.0.1:${server.port}`, '--per-host', '1', '-c', '1'];
  const child = runningUrlmill(t, [...long, ...to, 'in.csv'], { cwd });
  const ended = endOf(child);
  // By the time the other hosts are requested, the first reply has been read.
  await server.requested(40);
  child.kill('SIGINT');
  const { stdout, ...how } = await ended;
  const resting = csvObjects(stdout).filter(({ url }) => url === 'http://h0.test/1');
  t.deepEqual(
    resting.map((row) => [row['fetch_error'], row['fetch_status'], row['fetch_attempts']]),
    [['cancelled', '', '1']],
  );
  // Rows that had not begun are not in the output.
  t.is(csvObjects(stdout).filter(({ url }) => url?.startsWith('http://h0.test/') === true).length, 1);
  t.is(asked, 1);
  t.like(how, { code: 130, signal: null });
});

test('SIGINT in an outage: what has begun is cancelled, the rest is not there', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(20) });
  const to = ['--connect-to', `::127.0.0.1:${await closedPort()}`];
  const child = runningUrlmill(t, [...long, ...to, 'in.csv'], { cwd });
  const ended = endOf(child);
  // Wait for the notice of the outage.
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  const { stdout, stderr, ...how } = await ended;
  const rows = csvObjects(stdout);
  t.true(rows.length >= 4 && rows.length < 20, `${rows.length}`);
  // A probe of the network may fail at the last moment.
  t.true(rows.every((row) => /^(cancelled|connect-refused)$/.test(row['fetch_error'] ?? '')));
  t.true(rows.some((row) => row['fetch_error'] === 'cancelled'));
  t.is(new Set(rows.map(({ url }) => url)).size, rows.length);
  t.regex(stderr, /no host can be reached/);
  t.like(how, { code: 130, signal: null });
});
