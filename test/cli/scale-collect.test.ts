import { appendFile, copyFile, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { JobFolder } from '../../src/scale/job-folder.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { standIn } from '../scale/stand-in.ts';
import { jobFolder, parts } from './collecting.ts';

function urlsOf(csv: string): string[] {
  return csvObjects(csv).map(({ url = '' }) => url);
}

test('a job with missing pieces is refused, and says how many', async (t) => {
  const cwd = await jobFolder(t, 3);
  const { code, stderr, stdout } = await urlmill(['collect', '--job', 'job', '-o', 'out.csv'], { cwd });
  const [, pieces, rows] =
    /^urlmill: (\d+) of (?:\d+) pieces, with (\d+) of 30 rows, are missing; start workers, or write what is there with --partial\n$/.exec(
      stderr,
    ) ?? [];
  const job = await JobFolder.open(join(cwd, 'job'));
  const missing = job.pieces.slice(3);
  t.is(Number(pieces), missing.length);
  t.is(
    Number(rows),
    missing.reduce((sum, piece) => sum + piece.rows, 0),
  );
  t.is(stdout, '');
  t.is(code, 6);
  t.false((await readdir(cwd)).includes('out.csv'));
});

test('what is there is written with --partial, in both orders', async (t) => {
  const cwd = await jobFolder(t, 3);
  const expected = (await JobFolder.open(join(cwd, 'job'))).pieces
    .slice(0, 3)
    .reduce((sum, { rows }) => sum + rows, 0);
  for (const order of [[], ['--ordered']]) {
    const { code, stdout, stderr } = await urlmill(['collect', '--job', 'job', '--partial', ...order], {
      cwd,
    });
    t.is(code, 0);
    t.is(new Set(urlsOf(stdout)).size, expected);
    t.regex(
      stderr,
      /^urlmill: \d+ rows: \d+ ok, \d+ failed.*; \d+ of \d+ pieces, with \d+ of 30 rows, are missing\n$/,
    );
  }
});

test('each row comes once, in the order of the list when that is asked for', async (t) => {
  const cwd = await jobFolder(t);
  const list = urlsOf(await readFile(join(cwd, 'list.csv'), 'utf8'));
  const any = await urlmill(['collect', '--job', 'job'], { cwd });
  t.deepEqual(urlsOf(any.stdout).toSorted(), list.toSorted());
  t.is(any.stderr, 'urlmill: 30 rows: 27 ok, 3 failed (404: 3)\n');
  const ordered = await urlmill(['collect', '--job', 'job', '--ordered'], { cwd });
  t.deepEqual(urlsOf(ordered.stdout), list);
});

test('more failures than --fail-on allows are exit code 5', async (t) => {
  const cwd = await jobFolder(t);
  const { code, stderr } = await urlmill(['collect', '--job', 'job', '-q', '--fail-on', '9', '-o', 'o.csv'], {
    cwd,
  });
  t.is(stderr, 'urlmill: 3 of 30 rows have failed: 10.0 %, more than --fail-on 9 allows\n');
  t.is(code, 5);
  t.is(urlsOf(await readFile(join(cwd, 'o.csv'), 'utf8')).length, 30);
  t.is((await urlmill(['collect', '--job', 'job', '--fail-on', '10', '-o', 'o.csv'], { cwd })).code, 0);
});

test('a part that is damaged is told, and no output is left', async (t) => {
  const cwd = await jobFolder(t);
  const [first = '', second = '', third = ''] = await parts(cwd);
  const path = (name: string): string => join(cwd, 'job/out', name);
  const whole = await readFile(path(first));
  const lines = whole.toString().split('\n');
  const damages: readonly (readonly [RegExp, () => Promise<void>])[] = [
    [/it has 3 results and not 4/, () => truncate(path(first), whole.length - 5)],
    [/it has 5 results and not 4|twice/, () => appendFile(path(first), `${lines[0]}\n`)],
    [/is no result/, () => writeFile(path(first), [...lines.slice(0, 3), 'null', ''].join('\n'))],
    [
      /row 99 is none of the list/,
      () => writeFile(path(first), whole.toString().replace(/"row":\{"row":\d+/, '"row":{"row":99')),
    ],
    [/is there twice/, () => writeFile(path(first), [lines[0], ...lines.slice(0, 3), ''].join('\n'))],
  ];
  for (const [what, damage] of damages) {
    await damage();
    for (const order of [[], ['--ordered']]) {
      const { code, stderr } = await urlmill(['collect', '--job', 'job', '-o', 'out.csv', ...order], { cwd });
      t.regex(stderr, what);
      t.true(stderr.includes(`out/${first}: is damaged`), stderr);
      t.is(code, 3);
      t.false((await readdir(cwd)).includes('out.csv'));
    }
    await writeFile(path(first), whole);
  }
  await copyFile(path(second), path(third));
  for (const order of [[], ['--ordered']]) {
    const { code, stderr } = await urlmill(['collect', '--job', 'job', ...order], { cwd });
    t.true(stderr.includes('is damaged'), stderr);
    t.is(code, 3);
  }
});

test('the output is not written among the pieces', async (t) => {
  const cwd = await jobFolder(t);
  const [first = ''] = await parts(cwd);
  const before = await readFile(join(cwd, 'job/out', first));
  for (const output of [`job/out/${first}`, 'job/in/x.csv', './job/../job/tmp/x.csv']) {
    const { code, stderr } = await urlmill(['collect', '--job', 'job', '-o', output], { cwd });
    t.true(stderr.includes('is among the pieces of the job'), stderr);
    t.is(code, 2);
  }
  const { code, stderr } = await urlmill(
    ['collect', '--job', 'job', '--output-format', 'csv', '-o', 'job/job.json'],
    { cwd },
  );
  t.true(stderr.includes('is the input'), stderr);
  t.is(code, 2);
  t.deepEqual(await readFile(join(cwd, 'job/out', first)), before);
  t.is((await urlmill(['collect', '--job', 'job', '-o', 'job/result.csv'], { cwd })).code, 0);
});

test('files that are no parts are passed over', async (t) => {
  const cwd = await jobFolder(t);
  await writeFile(join(cwd, 'job/out/.nfs0001'), 'x');
  await writeFile(join(cwd, 'job/out/99999-000000.jsonl'), 'x');
  const { code, stdout } = await urlmill(['collect', '--job', 'job'], { cwd });
  t.is(code, 0);
  t.is(urlsOf(stdout).length, 30);
});

test('the format is as submitted, by the name of the output, or as collect says', async (t) => {
  const cwd = await jobFolder(t, Infinity, ['--output-format', 'tsv', '--crlf']);
  const collected = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await urlmill(['collect', '--job', 'job', '--ordered', ...args, '-o', 'out'], {
      cwd,
    });
    t.is(code, 0, stderr);
    return readFile(join(cwd, 'out'), 'utf8');
  };
  t.true((await collected()).startsWith('url\tfetch_status\t'));
  t.true((await collected()).includes('\r\n'));
  t.true(
    (await collected('--output-format', 'csv', '--output-delimiter', ';')).startsWith('url;fetch_status;'),
  );
  t.true(
    (await collected('--output-format', 'jsonl')).startsWith(
      '{"url":"http://h0.example/0","fetch_status":200,',
    ),
  );
});

test('a list of JSON Lines is written as it was submitted', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.jsonl': '{"url":""}\n' });
  await urlmill(['submit', '--job', 'job', 'list.jsonl'], { cwd });
  await standIn(join(cwd, 'job'));
  const { code, stderr } = await urlmill(['collect', '--job', 'job', '-o', 'out.jsonl'], { cwd });
  t.true(stderr.includes('say --output-format jsonl when you submit it'), stderr);
  t.is(code, 2);
  t.is((await urlmill(['collect', '--job', 'job', '-o', 'out.csv'], { cwd })).code, 0);
});

test('a folder without a job, one that is damaged, and one of another version are told', async (t) => {
  const cwd = await jobFolder(t, 0);
  const path = join(cwd, 'job/job.json');
  const text = await readFile(path, 'utf8');
  const cases: readonly (readonly [string, string, number])[] = [
    [text.slice(0, 100), 'is damaged, or is no job of urlmill', 3],
    ['[]', 'is damaged', 3],
    [text.replace('"rows": 30', '"rows": 31'), 'is damaged', 3],
    [text.replace(/"version": "\d+\.\d+/, '"version": "99.7'), 'is of urlmill 99.7', 2],
    [text.replace('"format": 1', '"format": 2'), 'use the same version on all machines', 2],
    [text.replace('"options": {', '"options": {"nix": 1,'), 'nix', 2],
  ];
  for (const [content, words, exit] of cases) {
    await writeFile(path, content);
    for (const command of ['collect', 'status']) {
      const { code, stderr } = await urlmill([command, '--job', 'job'], { cwd });
      t.true(stderr.includes(words), stderr);
      t.is(code, exit);
    }
  }
  await rm(path);
  for (const command of ['collect', 'status']) {
    const { code, stderr } = await urlmill([command, '--job', 'job'], { cwd });
    t.is(stderr, 'urlmill: --job: job holds no job that is whole; urlmill submit makes one\n');
    t.is(code, 3);
    t.is((await urlmill([command], { cwd })).code, 2);
  }
});

test('a switch that was submitted can be turned off', async (t) => {
  const cwd = await jobFolder(t, Infinity, ['--crlf', '--output-delimiter', ';']);
  const plain = await urlmill(['collect', '--job', 'job'], { cwd });
  t.regex(plain.stdout, /^url;[^\n]*\r\n/);
  const { stdout, code } = await urlmill(['collect', '--job', 'job', '--no-crlf'], {
    cwd,
  });
  t.regex(stdout, /^url;[^\r]*$/);
  t.is(code, 0);
});
