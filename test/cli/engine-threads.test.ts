import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { warcRecords } from '../helpers/warc-records.ts';
import { holdingServer, killedAt, list, odd, resumed } from './resuming.ts';

const paths = ['/html', '/gzip', '/moved', '/missing', '/none', '/bytes', '/large', '/broken'];

/**
 * A folder with a list of eight hosts, and arguments that direct them to a server with replies of all kinds.
 */
async function site(t: ExecutionContext): Promise<{ cwd: string; args: string[] }> {
  const server = await httpServer(t, ({ url, headers: { host = '' } }, response) => {
    response.sendDate = false;
    response.setHeader('content-type', 'text/html');
    if (url === '/moved') response.writeHead(302, { location: '/gzip' }).end();
    else if (url === '/none') response.writeHead(204).end();
    else if (url === '/missing') response.writeHead(404, 'Not Here', { 'x-own': 'caf\u00e9' }).end('no');
    else if (url === '/gzip')
      response.setHeader('content-encoding', 'gzip').end(gzipSync(`<h1>packed ${host}</h1>`));
    else if (url === '/broken') response.setHeader('content-encoding', 'gzip').end('no gzip');
    else if (url === '/bytes') response.end(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    else if (url === '/large') response.end(`<h1>large</h1>${host.repeat(50_000)}`);
    else response.end(`<title>${host}</title><h1>h\u00e9 ${url}</h1>`);
  });
  const urls = Array.from({ length: 64 }, (_, i) => `http://h${i % 8}.test${paths[i >> 3]}`);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${urls.join('\n')}\n` });
  const columns = 'status,error,type,bytes,wire_bytes,charset,charset_from,redirects,http_version,server';
  const args = [
    '-q',
    '--ordered',
    '--connect-to',
    `::127.0.0.1:${server.port}`,
    '--columns',
    columns,
    'in.csv',
  ];
  return { cwd, args };
}

const values = ['--select', 'h=h1', '--extract', 'title,sha256', '--response-header', 'x=x-own'];

test('bodies and values are the same whichever thread has fetched them', async (t) => {
  const { cwd, args } = await site(t);
  const run = async (threads: string) => {
    const ended = await urlmill(
      ['--save-bodies', `kept${threads}`, '--threads', threads, ...values, ...args],
      { cwd },
    );
    return { ended, files: await filesIn(join(cwd, `kept${threads}`)) };
  };
  const one = await run('1');
  const more = await run('3');
  t.is(one.ended.code, 0);
  t.is(csvObjects(one.ended.stdout).length, 64);
  t.deepEqual(more, one);
  t.true(one.files.length > 20);
  for (const file of more.files) {
    // oxlint-disable-next-line no-await-in-loop
    t.is(placeOf(await readFile(join(cwd, 'kept3', file))), file);
  }
});

test('a WARC file holds the same whichever thread has fetched', async (t) => {
  const { cwd, args } = await site(t);
  const run = async (threads: string): Promise<string[]> => {
    const kept = join(cwd, `kept${threads}`);
    const warc = ['--save-bodies', kept, '--save-format', 'warc', '-X', 'POST', '--data', 'a={url}'];
    const { code } = await urlmill(['--threads', threads, ...warc, ...values, ...args], { cwd });
    t.is(code, 0);
    const [name = ''] = await readdir(kept);
    const records = warcRecords(await readFile(join(kept, name)));
    return records
      .filter(({ fields }) => fields.get('warc-type') !== 'warcinfo')
      .map(({ fields, block }) =>
        [
          ...['warc-type', 'warc-target-uri', 'warc-ip-address', 'content-type'].map((field) =>
            fields.get(field),
          ),
          createHash('sha256').update(block).digest('hex'),
        ].join(' '),
      )
      .toSorted();
  };
  const one = await run('1');
  t.true(one.length > 60);
  t.deepEqual(await run('3'), one);
});

test('a run that fetches in threads and was killed is gone on with, each row once', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 11) });
  const args = ['--columns', 'status,error', '--per-host', '20', '--threads', '3', 'in.csv'];
  t.like(await killedAt(t, 5, { cwd, args }), { signal: 'SIGKILL' });
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.deepEqual(
    rows.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
    Array.from({ length: 11 }, (_, i) => i + 1),
  );
  t.true([...server.counts()].filter(([url]) => !odd({ url })).every(([, count]) => count === 1));
});
