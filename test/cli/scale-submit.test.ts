import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { JobFolder } from '../../src/scale/job-folder.ts';
import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

import { bigList, list, numbers, piecesIn, submitted } from './submitting.ts';

test('all rows of a host are in one lane, in the order of the list and in pieces of the size that was said', async (t) => {
  const { code, stderr, cwd } = await submitted(t, ['--lanes', '8', '--piece-rows', '25', 'list.csv'], {
    'list.csv': bigList(2000),
  });
  t.is(stderr, 'urlmill: 2,000 rows in 8 lanes are submitted; now urlmill work --job job\n');
  t.is(code, 0);
  const job = await JobFolder.open(join(cwd, 'job'));
  const laneOf = new Map<string, number>();
  const seen = new Set<number>();
  for (const [index, rows] of (await piecesIn(join(cwd, 'job'))).entries()) {
    const piece = job.pieces[index];
    t.is(rows.length, piece?.rows ?? -1);
    t.true(rows.length <= 25);
    for (const { number, url } of rows) {
      t.false(seen.has(number));
      seen.add(number);
      const { host } = new URL(url);
      t.is(laneOf.get(host) ?? piece?.lane, piece?.lane);
      laneOf.set(host, piece?.lane ?? -1);
    }
    t.deepEqual(
      rows.map(({ number }) => number),
      rows.map(({ number }) => number).toSorted((a, b) => a - b),
    );
  }
  t.is(seen.size, 2000);
  t.is(new Set(laneOf.values()).size, 8);
});

test('hosts of a registrable domain are in one lane with --lane-by domain', async (t) => {
  const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `https://${name}.shop.co.uk/`);
  const files = {
    'list.txt': [...hosts, 'http://127.0.0.1/', 'http://[::1]/', 'http://localhost/', ''].join('\n'),
  };
  const { cwd, code } = await submitted(t, ['--lane-by', 'domain', 'list.txt'], files);
  t.is(code, 0);
  const first = numbers(await piecesIn(join(cwd, 'job'))).find((rows) => rows.includes(1));
  t.true([2, 3, 4, 5, 6, 7, 8].every((number) => first?.includes(number)));
  const byHost = await submitted(t, ['--lane-by', 'host', 'list.txt'], files);
  t.true((await piecesIn(join(byHost.cwd, 'job'))).length > 4);
});

test('rows without a host are spread over lanes, a piece each', async (t) => {
  const { cwd } = await submitted(
    t,
    ['--lanes', '4', '--piece-rows', '2', '--no-header', '-u', '1', 'list.csv'],
    {
      'list.csv': 'x,\n'.repeat(8),
    },
  );
  t.deepEqual(numbers(await piecesIn(join(cwd, 'job'))), [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
});

test('names are taken as they are, and shown harmless', async (t) => {
  const name = 'a \u001b[31m\n*?\'"-ü';
  const cwd = await temporaryFolder(t, { [`${name}.csv`]: list });
  const { code, stderr } = await urlmill(['submit', '--job', name, `${name}.csv`], { cwd });
  t.is(code, 0);
  t.is((await JobFolder.open(join(cwd, name))).file.rows, 3);
  t.false(stderr.includes('\u001b'));
  t.is(stderr.split('\n').length, 2);
  const status = await urlmill(['status', '--job', name], { cwd });
  t.is(status.code, 0, status.stderr);
  const collected = await urlmill(['collect', '--job', name], { cwd });
  t.is(collected.code, 6);
});

test('hosts may be called like members of objects, or anything', async (t) => {
  const hosts = ['__proto__', 'constructor', 'tostring', 'xn--mnchen-3ya', '[::1]', 'a.'];
  const { cwd, code, stderr } = await submitted(
    t,
    ['--lane-by', 'domain', '--no-header', '-u', '1', 'list.csv'],
    {
      'list.csv': hosts.map((host) => `http://${host}/,x\n`).join(''),
    },
  );
  t.is(code, 0, stderr);
  t.is((await piecesIn(join(cwd, 'job'))).flat().length, hosts.length);
});

test('the list may come by standard input', async (t) => {
  const cwd = await temporaryFolder(t);
  const { code } = await urlmill(['submit', '--job', 'job', '-q'], { cwd, input: list });
  t.is(code, 0);
  t.is((await JobFolder.open(join(cwd, 'job'))).file.rows, 3);
});

test('the same job may be submitted again, and nothing else to the same folder', async (t) => {
  const { cwd } = await submitted(t, ['--timeout', '5s', 'list.csv']);
  const before = await readFile(join(cwd, 'job/job.json'), 'utf8');
  const again = async (...args: string[]): Promise<Ended> =>
    urlmill(['submit', '--job', 'job', ...args], { cwd });
  const same = await again('--timeout', '5000ms', 'list.csv');
  t.is(same.stderr, 'urlmill: 3 rows in 2 lanes were submitted already; now urlmill work --job job\n');
  t.is(same.code, 0);
  await writeFile(join(cwd, 'other.csv'), list);
  for (const [args, why] of [
    [['list.csv'], 'it was made with another --timeout'],
    [['--timeout', '5s', '--lanes', '3', 'list.csv'], 'it was made with another --lanes'],
    [
      ['--timeout', '5s', '--compress', '-A', 'x', 'list.csv'],
      'it was made with another --compress, --user-agent',
    ],
    [['--timeout', '5s', 'other.csv'], `its input was ${join(cwd, 'list.csv')}`],
  ] as const) {
    const { code, stderr } = await again(...args);
    t.is(stderr, `urlmill: --job: job holds another job (${why}); name another folder\n`);
    t.is(code, 2);
  }
  await writeFile(join(cwd, 'list.csv'), `${list}https://c.example/,4\n`);
  const changed = await again('--timeout', '5s', 'list.csv');
  t.true(changed.stderr.includes('list.csv has changed since'), changed.stderr);
  t.is(await readFile(join(cwd, 'job/job.json'), 'utf8'), before);
});

test('what is wrong is found before anything is written', async (t) => {
  const files = { 'list.csv': list, 'two.csv': 'a,b\n1,2\n', 'bad.csv.gz': Buffer.from([0x1f, 0x8b, 8, 0]) };
  for (const [args, words, exit] of [
    [['two.csv'], 'URL', 2],
    [['list.csv', '-u', 'nix'], 'nix', 2],
    [['list.csv', '-H', 'X: {nix}'], 'nix', 2],
    [['list.csv', '--cookies', 'nix.txt'], 'nix.txt', 2],
    [['list.csv', '--cookies', '-'], '--cookies: each worker reads that file', 2],
    [['list.csv', '--columns', 'nix'], 'nix', 2],
    [['list.csv', '--select', 'a=['], 'select', 2],
    [['list.csv', '--body', 'n'], 'already has a column "n"', 2],
    [['list.csv', '--explode', 'x'], '--explode', 2],
    [['list.csv', '--crlf', '--output-format', 'jsonl'], '--crlf', 2],
    [['list.csv', '--save-format', 'warc'], '--save-format', 2],
    [['list.csv', '--lanes', '4097'], '4096', 2],
    [['list.csv', '--module', './nix.mjs'], 'nix.mjs', 2],
    [['nix.csv'], 'nix.csv', 3],
    [['bad.csv.gz'], 'bad.csv.gz', 3],
  ] as const) {
    const { code, stderr, cwd } = await submitted(t, args, files);
    t.true(stderr.includes(words), stderr);
    t.is(code, exit, stderr);
    t.false((await readdir(cwd)).includes('job'), args.join(' '));
  }
});

test('options of a single run are refused with what to do instead', async (t) => {
  for (const [args, words] of [
    [['-o', 'x.csv'], '-o: urlmill submit does not take it; urlmill collect writes the result'],
    [['--ordered'], '--ordered: urlmill submit does not take it; urlmill collect'],
    [['--since', 'x.csv'], 'compare with urlmill diff'],
    [['--retry-failed=x.csv'], 'urlmill --retry-failed on it'],
    [['--resume'], 'submit again where submit was killed'],
    [['--max-failures', '3'], 'urlmill status'],
    [['--time-limit', '3s'], 'signal'],
    [['--summary', 'x'], 'urlmill collect writes it'],
    [['--metrics', 'x'], 'urlmill status writes them'],
    [['--config', 'x'], 'command line alone'],
  ] as const) {
    const { code, stderr } = await submitted(t, [...args, 'list.csv']);
    t.true(stderr.includes(words), stderr);
    t.is(code, 2);
  }
});

test('files that options name are references, and nothing of them is in the folder', async (t) => {
  const { cwd, code, stderr } = await submitted(
    t,
    ['-H', '@secret.txt', '--cert', 'c.pem', '--data', 'said', 'list.csv'],
    {
      'list.csv': list,
      'secret.txt': 'Authorization: Bearer hidden\n',
      'c.pem': '',
    },
  );
  // A certificate without a key is refused by its content, as in a run.
  t.is(code, 2, stderr);
  const good = await urlmill(['submit', '--job', 'job', '-H', '@secret.txt', '--data', 'said', 'list.csv'], {
    cwd,
    environment: { URLMILL_HEADER: 'X-Key: hidden', URLMILL_PROXY: 'http://u:hidden@p.example/' },
  });
  t.is(good.code, 0, good.stderr);
  const text = await readFile(join(cwd, 'job/job.json'), 'utf8');
  t.false(text.includes('hidden'));
  t.deepEqual((await JobFolder.open(join(cwd, 'job'))).options.header, [`@${join(cwd, 'secret.txt')}`]);
  t.true(text.includes('said'));
  t.is((await stat(join(cwd, 'job'))).mode & 0o777, 0o700);
});

test('a folder that holds anything else is left alone', async (t) => {
  for (const names of [['a.txt'], ['in'], ['submit.json', 'a.txt']]) {
    const cwd = await temporaryFolder(t, { 'list.csv': list });
    await mkdir(join(cwd, 'job'));
    for (const name of names) await writeFile(join(cwd, 'job', name), 'x');
    const { code, stderr } = await urlmill(['submit', '--job', 'job', 'list.csv'], { cwd });
    t.true(stderr.includes('job is not empty and holds no job'), stderr);
    t.is(code, 2);
    t.deepEqual((await readdir(join(cwd, 'job'))).toSorted(), names.toSorted());
  }
});

test('results without a job are left alone', async (t) => {
  const { code, stderr, cwd } = await submitted(t, ['list.csv'], {
    'list.csv': list,
    'job/submit.json': '{}',
    'job/out/00000-000000.jsonl': 'x',
  });
  t.true(stderr.includes('holds results, but no job.json'), stderr);
  t.is(code, 2);
  t.deepEqual(await readdir(join(cwd, 'job/out')), ['00000-000000.jsonl']);
});
