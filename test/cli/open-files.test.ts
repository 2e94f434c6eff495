import test from 'ava';

import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const fewFiles = test.macro({
  exec: async (t, limit: number, rows: number, slots: number) => {
    const server = await httpServer(t, (_, response) => setTimeout(() => response.end('ok'), 20));
    const urls = Array.from({ length: rows }, (_, i) => `http://h${i}.test/\n`);
    const cwd = await temporaryFolder(t, { 'in.txt': urls.join('') });
    const to = ['--connect-to', `::127.0.0.1:${server.port}`];
    const args = ['-c', '200', '--retries', '0', '--columns', 'status', ...to, 'in.txt'];
    const { code, stdout, stderr } = await shell(`ulimit -n ${limit} && exec "$@"`, args, { cwd });
    t.is(code, 0, stderr);
    t.is(stdout.match(/,200\n/g)?.length, rows, stderr);
    const words = `the limit of open files (ulimit -n) allows ${slots} requests at once, not 200`;
    t.is(stderr.split(words).length, 2, stderr);
    t.is(stderr.split('ulimit').length, 2, stderr);
    t.is(server.requests.length, rows);
    t.true(server.mostAtOnce() <= slots);
    await server.closed();
  },
  title: (_, limit: number) => `${limit} open files cost no row, and are said once`,
});

// The limits allow what Node itself needs and a little more; urlmill would like to open more files than that
// at once.
test(fewFiles, 40, 30, 1);
test(fewFiles, 60, 30, 1);
test(fewFiles, 64, 60, 12);
test(fewFiles, 100, 400, 27);
