import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { areRight, byLabel, filesOf, image, killed, naming, site, three } from './image-sets.ts';

test('--skip-saved fetches what lacks, and nothing else', async (t) => {
  const fails = new Set(['/down']);
  const { run, cwd, server } = await site(
    t,
    [...three, ['7', 'cat', '/down'], ['8', 'cat', '/gone'], ['', '', '/empty']],
    ({ url }, response) => {
      const status = fails.has(url) ? 500 : url === '/gone' ? 404 : 200;
      response.writeHead(status, { 'content-type': 'image/jpeg' }).end(url === '/empty' ? '' : url);
    },
  );
  const skip = [...byLabel, '--skip-saved', '--retries', '0', '-c', '1'];
  const columns = ['--columns', 'status,url,type,bytes,sha256,attempts'];
  const first = await run(...skip, ...columns);
  const before = server.requests.length;
  fails.clear();
  await rm(join(cwd, 'set/cat/1-3.jpg'));
  await writeFile(join(cwd, 'set/CAT/1-2.jpg'), 'of another size');
  const second = await run(...skip, ...columns);
  t.deepEqual(
    server.requests.slice(before).map(({ url }) => url),
    ['/b', '/c', '/down', '/empty'],
  );
  t.deepEqual(filesOf(second), filesOf(first));
  t.deepEqual(
    second.map((row) => row['fetch_attempts']),
    ['0', '1', '1', '0', '0', '1', '0', '1'],
  );
  t.deepEqual({ ...second[0], fetch_attempts: '1' }, first[0]);
  t.is(await readFile(join(cwd, 'set/CAT/1-2.jpg'), 'utf8'), '/b');
  // A body that --save-when would not save today does not count as saved.
  await run(...skip, '--save-when', 'status=200');
  t.is(server.requests.at(-2)?.url, '/gone');
  await run(...skip, '--save-when', 'status=404');
  t.deepEqual(
    server.requests
      .slice(-7)
      .map(({ url }) => url)
      .includes('/a'),
    true,
  );
});

test('--max-failures counts no failure of an earlier run that --skip-saved leaves out', async (t) => {
  const { run } = await site(t, three, ({ url }, response) =>
    response.writeHead(url === '/c' ? 200 : 404).end(url),
  );
  await run(...byLabel);
  const again = await run(...byLabel, '--skip-saved', '--max-failures', '1');
  t.is(again.length, three.length);
});

test('--skip-saved says nothing of the redirects that led to a file', async (t) => {
  const { run } = await site(t, [['1', 'cat', '/old']], (request, response) => {
    if (request.url === '/old') response.writeHead(301, { location: '/new' }).end();
    else image(request, response);
  });
  const columns = [...byLabel, '--skip-saved', '--columns', 'first_status,redirects,hops'];
  t.is((await run(...columns))[0]?.['fetch_first_status'], '301');
  t.like((await run(...columns))[0], { fetch_first_status: '', fetch_redirects: '', fetch_hops: '' });
});

test('--skip-saved takes a row for another one when its URL or its name is another one', async (t) => {
  const { run, cwd, server } = await site(t, [['1', 'cat', '/a']]);
  await run(...byLabel);
  const before = server.requests.length;
  const skip = ['--skip-saved', '--columns', 'attempts'];
  t.is((await run(...byLabel, ...skip))[0]?.['fetch_attempts'], '0');
  t.is((await run(...naming, '{id}{ext}', ...skip))[0]?.['fetch_attempts'], '1');
  await writeFile(join(cwd, 'in.csv'), (await readFile(join(cwd, 'in.csv'), 'utf8')).replace('/a', '/b'));
  t.like((await run(...byLabel, ...skip))[0], { fetch_attempts: '1', fetch_file: 'cat/1-2.jpg' });
  t.is(server.requests.length, before + 2);
  const secret = await run(...byLabel, ...skip, '-H', 'Authorization: of tonight');
  t.is(secret[0]?.['fetch_attempts'], '0');
});

test('a run that is killed and begun again with --skip-saved fetches what lacks only', async (t) => {
  const left = await killed(t, 300);
  const there = new Set<string>();
  for (const name of await left.files()) {
    if (name.includes('.tmp-')) continue;
    there.add((await readFile(join(left.cwd, 'set', name), 'utf8')).split(' ')[0] ?? '');
  }
  t.true(there.size > 200 && there.size < 600, String(there.size));
  const before = left.server.requests.length;
  const { code, stderr } = await urlmill([...left.args, '--skip-saved'], { cwd: left.cwd });
  t.is(code, 0, stderr);
  await areRight(t, left);
  const again = left.server.requests.slice(before).map(({ url }) => url);
  t.deepEqual(
    again.filter((url) => there.has(url)),
    [],
  );
  t.is(again.length, 600 - there.size);
});
