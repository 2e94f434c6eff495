import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import test from 'ava';

import { check } from '../../torture/fuzz/check.ts';
import { tokenOf } from '../../torture/fuzz/mutation.ts';
import { fuzz } from '../../torture/fuzz/variants.ts';
import type { FuzzVariant } from '../../torture/fuzz/variants.ts';
import { renderFuzz } from '../../torture/report.ts';
import { commandFile } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const seed = 5;
const rows = [1, 2, 3];

function lineOf(row: number, tokenRow = row): string {
  const result = { fetch_status: 200, fetch_error: null, fetch_error_detail: null };
  return `${JSON.stringify({ id: String(row), ...result, body: `<b>${tokenOf(seed, tokenRow)}</b>` })}\n`;
}

const ended = { seed, rows, code: 0, stderr: '', hung: false };
const whole = rows.map((row) => lineOf(row));

function problemsIn(lines: readonly string[], more: object = {}): readonly string[] {
  return check({ ...ended, output: lines.join(''), ...more }).problems.map(({ text }) => text);
}

test('an output that holds each row once is right, in whatever order', (t) => {
  t.deepEqual(problemsIn(whole), []);
  t.deepEqual(problemsIn(whole.toReversed()), []);
});

test('a row that is missing, doubled or not of the input is found', (t) => {
  t.deepEqual(problemsIn(whole.slice(1)), ['row 1 came 0 times']);
  t.deepEqual(problemsIn([...whole, lineOf(2)]), ['row 2 came 2 times']);
  t.deepEqual(problemsIn([...whole, lineOf(9)]), ['row 9 came 1 times']);
});

test('the token of another row is found wherever it stands', (t) => {
  const smuggled = ['what was sent to row 3 is in row 2'];
  t.deepEqual(problemsIn([lineOf(1), lineOf(2, 3), lineOf(3)]), smuggled);
  const inHeader = lineOf(2).replace('{', `{"token":"${tokenOf(seed, 3)}",`);
  t.deepEqual(problemsIn([lineOf(1), inHeader, lineOf(3)]), smuggled);
});

test('what is said on standard error, an exit code and a run without an end are found', (t) => {
  const stack = 'TypeError: x is not a function\n    at run (file:///run.js:1:1)\n';
  const report = 'urlmill: an error that is not known; please report it: there';
  const closing = 'urlmill: 3 rows in 0.1 s (30/s), 0 errors\n';
  t.deepEqual(problemsIn(whole, { stderr: closing }), []);
  t.deepEqual(problemsIn(whole, { stderr: closing + stack }), [
    'on standard error: TypeError: x is not a function',
  ]);
  for (const line of [report, 'urlmill: a bug in urlmill', 'no line of its own'])
    t.deepEqual(problemsIn(whole, { stderr: `${closing}${line}\n` }), [`on standard error: ${line}`]);
  t.deepEqual(problemsIn(whole, { code: 1, stderr: stack }), [`exit code 1: ${stack}`]);
  t.deepEqual(problemsIn([], { code: null, hung: true }), ['it did not end: ']);
});

test('a server that gives one row what is for another one is found, with the rows that make it again', async (t) => {
  const server = http.createServer(({ url }, response) => {
    const row = Number(url?.slice(1));
    response.end(tokenOf(seed, row === 3 ? 4 : row));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const variant: FuzzVariant = {
    name: 'lies',
    about: 'lies',
    rows: 4,
    briefRows: 4,
    open: async () => ({
      urlOf: (row) => `http://127.0.0.1:${port}/${row}`,
      modes: [[]],
      show: (row) => `a reply to ${row}`,
      figures: () => [],
      close: () => {},
    }),
  };
  const command = { node: process.execPath, cli: commandFile };
  const outcome = await fuzz(variant, {
    command,
    dir: await temporaryFolder(t),
    seed,
    rows: 4,
    longest: null,
  });
  t.is(outcome.failed, 1);
  t.deepEqual(outcome.problems, [
    'what was sent to row 4 is in row 3\nrows 3, 4 of seed 5 \nrow 3: a reply to 3\nrow 4: a reply to 4',
  ]);
});

test('the report sums up rare statuses, and escapes the words of errors', (t) => {
  const report = renderFuzz(
    { name: 'x', about: 'things', rows: 1, briefRows: 1, open: async () => Promise.reject(new Error()) },
    {
      rows: 36,
      failed: 0,
      ends: new Map([
        ['200', 30],
        ['611', 1],
        ['host-down', 1],
        ['999', 4],
      ]),
      words: new Map([
        ['0A:error:0B:SSL routines:some_name:bad thing:file.c:12:', 2],
        ['IP 127.0.0.1 \x1b[2J|', 1],
        ['IP 127.0.0.2 \x1b[2J|', 1],
      ]),
      figures: ['figures'],
      problems: [],
    },
  );
  const cells = report.split('\n').filter((line) => /^\| .*\d \|$/.test(line));
  t.deepEqual(
    cells.map((line) => line.replaceAll(/ +/g, ' ')),
    [
      '| 200 | 30 |',
      '| host-down | 1 |',
      '| 2 other statuses | 5 |',
      '| SSL routines: bad thing | 2 |',
      '| IP #.#.#.# \\u001b[#J\\| | 2 |',
    ],
  );
});
