import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { httpServer } from '../helpers/server.ts';
import { sameBytes } from '../helpers/same.ts';
import { Job, end, ended, isWhole } from './job.ts';

const images = isWhole ? 3000 : 300;

/** A JPEG signature and a hash, so that no two images are equal. */
function image(path: string): Buffer {
  return Buffer.concat([Buffer.from('\xff\xd8\xff', 'latin1'), createHash('sha512').update(path).digest()]);
}

test('a set of images, killed in the middle and run again', async (t) => {
  // The first run gets half of the images and then waits; it is killed there.
  let left = images / 2;
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/page') response.writeHead(200, { 'content-type': 'text/html' }).end('no image');
    else if (left-- > 0) response.writeHead(200, { 'content-type': 'image/jpeg' }).end(image(url));
  });
  const row = (_: unknown, i: number): string => `${i + 1},${server.url}/i/${i + 1}.jpg\n`;
  const rows = Array.from({ length: images }, row);
  const list = `id,url\n${rows.join('')}`;
  const job = await Job.start(t, { 'images.csv': list });
  const killed = job.begin('image-set.sh');
  await server.requested(images / 2 + 6);
  end(killed, 'SIGKILL');
  await ended(killed);

  left = images;
  await job.run('image-set.sh');
  const names = await imagesIn(job);
  t.is(names.length, images);
  for (const name of names) {
    const content = await readFile(join(job.cwd, 'images', name));
    sameBytes(t, content, image(`/i/${name}`));
  }
  // Only what was not safe when the run was killed was fetched again.
  t.true(server.requests.length < 2 * images);
  t.is((await job.lines('fetched.jsonl')).length, images);

  // Two more rows, one of which is not an image: the other images are not requested again.
  const before = server.requests.length;
  left = 1;
  await writeFile(
    join(job.cwd, 'images.csv'),
    `${list}more,${server.url}/more.jpg\nnone,${server.url}/page\n`,
  );
  await job.run('image-set.sh');
  t.deepEqual(
    server.requests
      .slice(before)
      .map(({ url }) => url)
      .toSorted(),
    ['/more.jpg', '/page'],
  );
  t.is((await imagesIn(job)).length, images + 1);
  t.is((await job.lines('fetched.jsonl')).length, images + 2);
});

async function imagesIn({ cwd }: Job): Promise<string[]> {
  return (await readdir(join(cwd, 'images'))).filter((name) => !name.startsWith('.'));
}
