import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpProxy } from '../helpers/proxy.ts';
import { httpServer, httpsServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { field, warcRecords } from '../helpers/warc-records.ts';
import type { WarcRecord } from '../helpers/warc-records.ts';
import { holdingServer, killedAt, list, odd, resumed } from './resuming.ts';

/** The records of the only file in the folder. */
async function recordsIn(folder: string): Promise<{ name: string; records: WarcRecord[] }> {
  const names = await readdir(folder);
  if (names.length !== 1 || names[0] === undefined) throw new Error(`${names.length} files`);
  return { name: names[0], records: warcRecords(await readFile(join(folder, names[0]))) };
}

const okay: Answer = (_, response) => response.end('ok');

const warc = ['--save-bodies', 'kept', '--save-format', 'warc'];

test('--save-format warc keeps exchanges as they were, and rows say where', async (t) => {
  const packed = gzipSync('<title>packed</title>');
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/gzip#part' }).end();
    else if (url === '/none') response.writeHead(204).end();
    else if (url === '/missing') response.writeHead(404, 'Not Here', { 'x-own': 'caf\u00e9' }).end('no');
    else response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/html' }).end(packed);
  });
  const paths = ['/gzip', '/moved', '/missing', '/none'];
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${paths.map((path) => `${server.url.replace('//', '//me:pass@')}${path}\n`).join('')}`,
  });
  const args = [
    ...warc,
    '--extract',
    'title',
    '-H',
    'X-Key: hidden',
    '-H',
    'Accept-Language: de',
    '--ordered',
  ];
  const { code, stdout } = await urlmill(['-q', ...args, 'in.csv'], { cwd });
  t.is(code, 0);
  const { name, records } = await recordsIn(join(cwd, 'kept'));
  const rows = csvObjects(stdout);
  t.deepEqual(
    rows.map((row) => [row['fetch_status'], row['fetch_title']]),
    [
      ['200', 'packed'],
      ['200', 'packed'],
      ['404', ''],
      ['204', ''],
    ],
  );
  const responses = rows.map((row) => {
    const [file, offset] = (row['fetch_file'] ?? '').split('#');
    t.is(file, name);
    return records.find((record) => record.offset === Number(offset));
  });
  const [gzip, moved, missing, none] = responses;
  if (gzip === undefined || moved === undefined || missing === undefined || none === undefined) {
    return t.fail('a row names no record');
  }
  t.is(field(gzip, 'WARC-Target-URI'), `${server.url}/gzip`);
  t.is(field(moved, 'WARC-Target-URI'), `${server.url}/gzip`);
  t.is(field(gzip, 'WARC-IP-Address'), '127.0.0.1');
  // The payload keeps its content coding.
  t.deepEqual(gzip.payload, packed);
  t.regex(missing.head, /^HTTP\/1\.1 404 Not Here\r\n(?:.*\r\n)*x-own: caf\u00e9\r\n/);
  t.is(none.payload.length, 0);
  const requests = records.filter((record) => record.fields.get('warc-type') === 'request');
  // The redirect has its own request.
  t.is(requests.length, 5);
  for (const { head } of requests) {
    t.regex(head, /^GET \/\w+ HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
    t.regex(head, /\r\nAccept-Language: de/);
    t.notRegex(head, /hidden|authorization|me:pass/i);
  }
  return undefined;
});

test('WARC records of what came through a proxy do not name an address of the server', async (t) => {
  const { ca, good } = await certificates();
  const [plain, secure] = [await httpServer(t, okay), await httpsServer(t, good, okay)];
  const proxy = await httpProxy(t);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${plain.url}/\n${secure.url}/\n`, 'ca.pem': ca });
  const through = ['--proxy', proxy.url, '--cacert', 'ca.pem', '--columns', 'status'];
  const { stdout } = await urlmill(['-q', ...warc, ...through, 'in.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map((row) => row['fetch_status']),
    ['200', '200'],
  );
  t.deepEqual(proxy.asked.map(({ method }) => method).toSorted(), ['CONNECT', 'GET']);
  const { records } = await recordsIn(join(cwd, 'kept'));
  const exchanges = records.filter(({ fields }) => fields.has('warc-target-uri'));
  t.is(exchanges.length, 4);
  t.true(exchanges.every(({ fields }) => !fields.has('warc-ip-address')));
});

test('a killed run goes on in the same WARC file, in which all records are whole', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 11) });
  const args = ['--columns', 'status', '--per-host', '20', ...warc, 'in.csv'];
  t.like(await killedAt(t, 5, { cwd, args }), { signal: 'SIGKILL' });
  const before = await readdir(join(cwd, 'kept'));
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const { name, records } = await recordsIn(join(cwd, 'kept'));
  t.deepEqual(before, [name]);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.is(rows.length, 11);
  for (const row of rows) {
    const record = records.find(({ offset }) => row['fetch_file'] === `${name}#${offset}`);
    t.is(record?.payload.toString(), `<title>/${row['id']}</title>`);
  }
  // The run was killed when only held requests were in flight, so no exchange was made twice.
  t.is(records.length, 1 + 2 * 11);
});

test('a WARC file that is gone is not gone on with', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 5) });
  const args = ['--columns', 'status', '--per-host', '20', ...warc, 'in.csv'];
  await killedAt(t, 2, { cwd, args });
  const [name = ''] = await readdir(join(cwd, 'kept'));
  const { rm } = await import('node:fs/promises');
  await rm(join(cwd, 'kept', name));
  server.release();
  const { code, stderr } = await resumed({ cwd, args });
  t.is(code, 4);
  t.regex(stderr, /^urlmill: kept\/urlmill-[^\n]+\n$/);
  // The rows that are safe are kept.
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'kept', 'out.csv.journal', 'out.csv.part']);
});

test('a folder that cannot be made leaves nothing of the output', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\n', file: '' });
  const args = ['--save-bodies', 'file/kept', '--save-format', 'warc', '-o', 'out.csv', 'in.csv'];
  const { code, stderr } = await urlmill(args, { cwd });
  t.is(code, 4);
  t.regex(stderr, /^urlmill: file\/kept: [^\n]+\n$/);
  t.deepEqual((await readdir(cwd)).toSorted(), ['file', 'in.csv']);
});
