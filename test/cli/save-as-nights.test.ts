import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { filesIn } from '../helpers/saved-bodies.ts';
import { filesOf, image, naming, site } from './image-sets.ts';
import type { Answer } from '../helpers/server.ts';

const byId = [...naming, '{id}{ext}'];

test('what was saved of a body that has become empty is no longer its file', async (t) => {
  let body = 'an image';
  const answer: Answer = (_, response) => response.setHeader('content-type', 'image/png').end(body);
  const { run, cwd, server } = await site(t, [['1', 'cat', '/a']], answer);
  t.deepEqual(filesOf(await run(...byId)), ['1.png']);
  body = '';
  t.like((await run(...byId))[0], { fetch_status: '200', fetch_bytes: '0', fetch_file: '' });
  // The file of the night before does not hold the URL's current body, so it does not count as saved.
  t.like((await run(...byId, '--skip-saved'))[0], { fetch_attempts: '1', fetch_file: '' });
  t.is(server.requests.length, 3);
  t.is(await readFile(join(cwd, 'set/1.png'), 'utf8'), 'an image');
  body = 'new image';
  t.like((await run(...byId, '--skip-saved'))[0], { fetch_attempts: '1', fetch_file: '1.png' });
  t.is(await readFile(join(cwd, 'set/1.png'), 'utf8'), 'new image');
  t.like((await run(...byId, '--skip-saved'))[0], { fetch_attempts: '0', fetch_file: '1.png' });
});

for (const [what, more, answer] of [
  ['a status of failure', [], (_, response) => response.writeHead(410).end()],
  ['304', ['-H', 'If-None-Match: "1"'], (_, response) => response.writeHead(304).end()],
  ['HEAD', ['-X', 'HEAD'], (_, response) => response.end()],
  ['HEAD instead of GET', ['--head'], (_, response) => response.end()],
  ['a body that is cut', [], (_, response) => response.writeHead(200, { 'content-length': 9 }).destroy()],
  ['a condition that is not met', ['--save-when', 'bytes>0'], (_, response) => response.end()],
] as const satisfies readonly (readonly [string, readonly string[], Answer])[]) {
  test(`a file stays that of its row where ${what} tells of no other body; nobody else claims it`, async (t) => {
    let answering: Answer = image;
    const { run } = await site(t, [['1', 'cat', '/a']], (...asked) => answering(...asked));
    t.deepEqual(filesOf(await run(...byId)), ['1.jpg']);
    answering = answer;
    t.deepEqual(filesOf(await run(...byId, ...more, '--retries', '0')), ['']);
    t.like((await run(...byId, '--skip-saved'))[0], { fetch_attempts: '0', fetch_file: '1.jpg' });
  });
}

test('a row whose body is of another kind for a night has its own name again', async (t) => {
  let isDown = false;
  const answer: Answer = ({ url }, response) => {
    if (isDown) response.writeHead(404, { 'content-type': 'text/html' }).end(`no ${url}`);
    else response.setHeader('content-type', 'image/png').end(url);
  };
  const rows = ['/a', '/b'].map((path) => ['1', 'cat', path] as const);
  const { run, cwd, files } = await site(t, rows, answer);
  const up = ['1.png', '1-2.png'];
  const down = ['1.html', '1-2.html'];
  for (const names of [up, down, up, down, up]) {
    isDown = names === down;
    t.deepEqual(filesOf(await run('-c', '1', ...byId)), names);
  }
  t.deepEqual(await files(), [...up, ...down].toSorted());
  t.is(await readFile(join(cwd, 'set/1-2.png'), 'utf8'), '/b');
  for (const clash of ['skip', 'fail'])
    t.deepEqual(filesOf(await run('-c', '1', '--save-clash', clash, ...byId)), up);
});

for (const args of [byId, ['--save-bodies', 'set']]) {
  test(`--since: a page is asked for whole whose file has another body: ${args.join(' ')}`, async (t) => {
    const { run, cwd } = await site(t, [['1', 'cat', '/a']], ({ headers }, response) => {
      response.setHeader('etag', '"1"').setHeader('content-type', 'image/png');
      if (headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.end('an image');
    });
    const night = async (): Promise<Record<string, string>> => {
      await run(...args, '--since', 'out.csv', '--columns', '+wire_bytes', '-o', 'out.csv');
      return csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'))[0] ?? {};
    };
    const first = await night();
    t.is(first['fetch_wire_bytes'], '8');
    t.like(await night(), { fetch_wire_bytes: '0', fetch_file: first['fetch_file'], fetch_change: 'same' });
    const file = join(cwd, 'set', first['fetch_file'] ?? '');
    t.true((await filesIn(join(cwd, 'set'))).includes(first['fetch_file'] ?? ''));
    // The file was damaged or written by another run: what the earlier result says of it is no longer true.
    await writeFile(file, 'another body');
    t.like(await night(), { fetch_wire_bytes: '8', fetch_file: first['fetch_file'], fetch_change: 'same' });
    t.is(await readFile(file, 'utf8'), 'an image');
  });
}

test('--since: a file that another run has given another body is not claimed', async (t) => {
  let body = 'an image';
  const { run, cwd } = await site(t, [['1', 'cat', '/a']], ({ headers }, response) => {
    const tag = `"${body}"`;
    response.setHeader('etag', tag).setHeader('content-type', 'image/png');
    if (headers['if-none-match'] === tag) response.writeHead(304).end();
    else response.end(body);
  });
  const args = [...byId, '--since', 'out.csv', '-o', 'out.csv'];
  await run(...args);
  body = 'no image';
  await run(...byId);
  body = 'an image';
  await run(...args);
  t.is(csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'))[0]?.['fetch_file'], '1.png');
  t.is(await readFile(join(cwd, 'set/1.png'), 'utf8'), 'an image');
});
