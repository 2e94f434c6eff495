import { readFile } from 'node:fs/promises';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Property names that every object inherits. */
const inherited = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'];

for (const name of inherited) {
  test(`files may end in .${name}`, async (t) => {
    const { url } = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, { [`in.${name}`]: `url\n${url}\n` });
    const { code, stderr } = await urlmill(['-o', `out.${name}`, `in.${name}`], { cwd });
    t.is(code, 0, stderr);
    const [row] = csvObjects(await readFile(`${cwd}/out.${name}`, 'utf8'));
    t.is(row?.['fetch_status'], '200');
  });

  test(`columns may be called ${name}`, async (t) => {
    const { url } = await httpServer(t, (_, response) => response.setHeader(name, 'h').end('ok'));
    const input = `${name},url\nmine,${url}\nmine,http://127.0.0.1:${await closedPort()}\n`;
    const cwd = await temporaryFolder(t, { 'in.csv': input });
    const args = ['-H', `X: {${name}}`, '--retries', '0', '--output-format', 'jsonl', '--ordered', 'in.csv'];
    const { code, stdout } = await urlmill(['--response-header', `x=${name}`, ...args], { cwd });
    t.is(code, 0);
    const rows = stdout.trim().split('\n');
    t.true(rows.every((row) => row.startsWith(`{"${name}":"mine","url":`)));
    t.deepEqual(
      rows.map((row) => /"x":.*(?=\})/.exec(row)?.[0]),
      ['"x":"h"', '"x":null'],
    );
  });

  test(`${name} is no option, column, extractor or format`, async (t) => {
    const cwd = await temporaryFolder(t, { 'in.txt': 'http://127.0.0.1\n', 'c.json': `{"${name}":"1"}` });
    const refusals = [
      [`--${name}`],
      [`--${name}=x`],
      [`--no-${name}`],
      ['--config', 'c.json'],
      ['--columns', name],
      ['--columns', `+${name}`],
      ['--extract', name],
      ['--output-format', name],
      ['--input-format', name],
      ['--timeout', `1${name}`],
      ['--max-body', `1${name}`],
      ['--json', `x=${name}(@)`],
    ];
    for (const args of refusals) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as each takes a core
      const { code, stderr } = await urlmill([...args, 'in.txt'], { cwd });
      t.is(code, 2, `${args.join(' ')}: ${stderr}`);
    }
    const variable = `URLMILL_${name.toUpperCase()}`;
    t.is((await urlmill(['in.txt'], { cwd, environment: { [variable]: '1' } })).code, 2);
  });

  test(`the values of a column ${name} are those that were found`, async (t) => {
    if (name === '__proto__') {
      t.is((await urlmill(['--regex', `${name}=x`], { cwd: await temporaryFolder(t), input: '' })).code, 2);
      return;
    }
    const { url } = await httpServer(t, (_, response) => {
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const cwd = await temporaryFolder(t, { 'in.txt': `${url}\nhttp://127.0.0.1:${await closedPort()}\n` });
    const args = ['--json', `${name}=${name}`, '--retries', '0', 'in.txt'];
    const csv = await urlmill(args, { cwd });
    const jsonl = await urlmill(['--output-format', 'jsonl', ...args], { cwd });
    t.deepEqual([csv.code, jsonl.code], [0, 0], csv.stderr + jsonl.stderr);
    t.deepEqual(
      csvObjects(csv.stdout).map((row) => row[name]),
      ['', ''],
    );
    t.is(jsonl.stdout.match(new RegExp(`"${name}":null`, 'g'))?.length, 2, jsonl.stdout);
  });
}
