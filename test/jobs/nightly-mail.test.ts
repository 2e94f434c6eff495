import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { httpServer } from '../helpers/server.ts';
import { Job } from './job.ts';

test('mail of what has changed since the night before', async (t) => {
  const titles = new Map([
    ['/a', 'A'],
    ['/b', 'B'],
    ['/c', 'C'],
  ]);
  const server = await httpServer(t, ({ url }, response) => {
    const title = titles.get(url);
    response.writeHead(title === undefined ? 404 : 200, { 'content-type': 'text/html' });
    response.end(`<title>${title ?? 'Missing'}</title>`);
  });
  const mail = '#!/bin/sh\n{ echo "$@"; cat; } > mail.txt\n';
  const list = (...paths: readonly string[]): string =>
    `url\n${paths.map((path) => `${server.url}${path}\n`).join('')}`;
  const job = await Job.start(t, { 'list.csv': list('/a', '/b', '/c'), 'bin/mail': mail, 'mail.txt': '' });
  await chmod(join(job.cwd, 'bin/mail'), 0o755);

  // The first night, and one without changes.
  await job.run('nightly-mail.sh', job.cwd);
  await job.run('nightly-mail.sh', job.cwd);
  t.is(await job.read('mail.txt'), '');

  titles.set('/a', 'News').delete('/b');
  await writeFile(join(job.cwd, 'list.csv'), list('/a', '/b', '/d'));
  await job.run('nightly-mail.sh', job.cwd);
  const [subject, figures, ...told] = await job.lines('mail.txt');
  t.is(subject, '-s links: 4 changes team@example.org');
  t.is(figures, '3 links, of which 2 fail.');
  const [changed, failed, added, gone] = ['changed', 'failed', 'new', 'gone'].map((word) => {
    const at = told.findIndex((line) => line.startsWith(`${word}: `));
    return told.slice(at, at + 3);
  });
  t.deepEqual(changed, [`changed: ${server.url}/a`, '  was 200 A', '  is  200 News']);
  t.deepEqual(failed, [`failed: ${server.url}/b`, '  was 200 B', '  is  404 Missing']);
  t.deepEqual(added, [`new: ${server.url}/d`, '  was ', '  is  404 Missing']);
  t.deepEqual(gone, [`gone: ${server.url}/c`, '  was 200 C', '  is  ']);
  t.regex(await job.read('report.html'), /^<!doctype html>/i);
});
