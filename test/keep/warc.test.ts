import { randomBytes } from 'node:crypto';

import test from 'ava';

import type { Exchanged } from '../../src/shared/records.ts';
import { version } from '../../src/shared/version.ts';
import { packExchanges, packWarcinfo } from '../../src/keep/warc.ts';
import { sameBytes } from '../helpers/same.ts';
import { digestOf, field, warcRecords } from '../helpers/warc-records.ts';
import type { WarcRecord } from '../helpers/warc-records.ts';
import { someExchange } from './exchanges.ts';

async function recordsOf(exchanges: readonly Exchanged[]): Promise<WarcRecord[]> {
  const packs = await packExchanges(exchanges);
  const parts = packs.flatMap(({ response, request }) => [response, request]).flat();
  return warcRecords(Buffer.concat(parts as Buffer[]));
}

async function packed(parts: Partial<Exchanged> = {}): Promise<[response: WarcRecord, request: WarcRecord]> {
  return (await recordsOf([someExchange(parts)])) as [WarcRecord, WarcRecord];
}

test('an exchange is a response, and the request that leads to it', async (t) => {
  const [response, request] = await packed();
  const id = field(response, 'WARC-Record-ID');
  t.deepEqual(
    [...response.fields],
    [
      ['warc-type', 'response'],
      ['warc-record-id', id],
      ['warc-date', '2026-01-02T03:04:05.067Z'],
      ['warc-target-uri', 'https://example.org/a?b=c'],
      ['warc-ip-address', '192.0.2.7'],
      // The digest of "hello", by `printf hello | openssl sha1 -binary | base32`.
      ['warc-payload-digest', 'sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N'],
      ['warc-block-digest', digestOf(response.block)],
      ['content-type', 'application/http;msgtype=response'],
      ['content-length', '69'],
    ],
  );
  t.is(
    response.block.toString(),
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello',
  );
  t.is(field(request, 'WARC-Type'), 'request');
  t.is(field(request, 'WARC-Concurrent-To'), id);
  t.is(field(request, 'WARC-Date'), '2026-01-02T03:04:05.067Z');
  t.is(field(request, 'WARC-Target-URI'), 'https://example.org/a?b=c');
  t.is(field(request, 'WARC-IP-Address'), '192.0.2.7');
  t.is(field(request, 'Content-Type'), 'application/http;msgtype=request');
  t.false(request.fields.has('warc-payload-digest'));
  t.is(
    request.block.toString(),
    'GET /a?b=c HTTP/1.1\r\nhost: example.org\r\nuser-agent: urlmill\r\naccept: */*\r\n\r\n',
  );
});

test('the first record tells what made the file', async (t) => {
  const [info, ...others] = warcRecords(Buffer.concat(await packWarcinfo('some.warc.gz', 0)));
  t.deepEqual(others, []);
  t.is(info && field(info, 'WARC-Type'), 'warcinfo');
  t.is(info && field(info, 'WARC-Filename'), 'some.warc.gz');
  t.is(info && field(info, 'WARC-Date'), '1970-01-01T00:00:00.000Z');
  t.is(info && field(info, 'Content-Type'), 'application/warc-fields');
  const lines = info?.block.toString().split('\r\n') ?? [];
  t.true(lines[0]?.startsWith(`software: urlmill/${version} `));
  t.is(lines[1], 'format: WARC File Format 1.1');
  t.regex(lines[2] ?? '', /^conformsTo: https:\/\/iipc\.github\.io\/.+\/warc-1\.1\/$/);
});

test('an address that is not known is left out', async (t) => {
  for (const record of await packed({ remoteIp: '' })) t.false(record.fields.has('warc-ip-address'));
});

test('secrets are not written, however their names are spelled', async (t) => {
  const requestHeaders = [
    ['Authorization', 'Bearer s3cret'],
    ['COOKIE', 'a=s3cret'],
    ['proxy-authorization', 'Basic s3cret'],
    ['accept', '*/*'],
  ].flat();
  const [, { head }] = await packed({ requestHeaders });
  t.is(head, 'GET /a?b=c HTTP/1.1\r\nhost: example.org\r\naccept: */*');
});

test('a request with a body has its length and digest', async (t) => {
  const requestBody = Buffer.from('q=\xfc', 'latin1');
  // A Content-Length given by the user is not the one that was sent.
  const requestHeaders = ['Content-Length', '99', 'Host', 'other.example', 'x-name', 'J\xfcrgen'];
  const [, request] = await packed({ method: 'POST', requestBody, requestHeaders });
  t.is(request.head, 'POST /a?b=c HTTP/1.1\r\nhost: example.org\r\nx-name: J\xfcrgen\r\ncontent-length: 3');
  t.deepEqual(request.payload, requestBody);
  t.is(field(request, 'WARC-Payload-Digest'), digestOf(requestBody));
  t.regex((await packed({ method: 'POST' }))[1].head, /\r\ncontent-length: 0$/);
  t.notRegex((await packed({ method: 'DELETE' }))[1].head, /content-length/);
});

test('headers and bodies are the bytes that came', async (t) => {
  const japanese = Buffer.from('日本').toString('latin1');
  const rawHeaders = ['X-Latin', 'caf\xe9', 'x-utf', japanese, 'X-Empty', '', 'x-latin', '2'];
  const body = [Buffer.from([0, 13, 10, 13, 10, 255]), Buffer.alloc(0), Buffer.from('\r\n\r\nWARC/1.1\r\n')];
  const [response] = await packed({
    rawHeaders,
    body,
    reason: 'Tr\xe8s bien',
  });
  t.is(
    response.head,
    `HTTP/1.1 200 Tr\xe8s bien\r\nX-Latin: caf\xe9\r\nx-utf: ${japanese}\r\nX-Empty: \r\nx-latin: 2`,
  );
  t.deepEqual(response.payload, Buffer.concat(body));
});

test('a transfer coding that is gone gets another name, content codings stay', async (t) => {
  const headers = ['transfer-ENCODING', 'chunked', 'Content-Encoding', 'gzip', 'Server', 'x'];
  const body = [Buffer.from('ab'), Buffer.from('cde')];
  const head = 'HTTP/1.0 200 \r\nX-Crawler-transfer-ENCODING: chunked\r\nContent-Encoding: gzip\r\nServer: x';
  const plain = await packed({ rawHeaders: headers, body, httpVersion: '1.0', reason: '' });
  t.is(plain[0].head, `${head}\r\nContent-Length: 5`);
  // With Transfer-Encoding, the server's Content-Length is not the length of the body (RFC 9112, section
  // 6.3).
  const two = await packed({ rawHeaders: [...headers, 'Content-Length', '7'], body });
  t.regex(two[0].head, /\r\nX-Crawler-Content-Length: 7\r\nContent-Length: 5$/);
});

const bodyless = test.macro({
  exec: async (t, parts: Partial<Exchanged>, head: string) => {
    const [response] = await packed({ ...parts, body: [] });
    t.is(response.head, head);
    t.is(response.payload.length, 0);
    t.is(field(response, 'WARC-Payload-Digest'), 'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ');
  },
  title: (what) => `without a body: ${what}`,
});

test('204', bodyless, { status: 204, reason: 'No Content', rawHeaders: [] }, 'HTTP/1.1 204 No Content');
test(
  'HEAD keeps the length of what GET would get',
  bodyless,
  { method: 'HEAD', rawHeaders: ['Content-Length', '500'] },
  'HTTP/1.1 200 OK\r\nContent-Length: 500',
);
test(
  'HEAD of what would come in chunks has no length',
  bodyless,
  { method: 'HEAD', rawHeaders: ['Transfer-Encoding', 'chunked'] },
  'HTTP/1.1 200 OK\r\nX-Crawler-Transfer-Encoding: chunked',
);
test(
  'an empty one in chunks',
  bodyless,
  { rawHeaders: ['Transfer-Encoding', 'chunked'] },
  'HTTP/1.1 200 OK\r\nX-Crawler-Transfer-Encoding: chunked\r\nContent-Length: 0',
);

const sizes = [0, 1, 31_000, 32_768, 33_000, 65_536, 65_537, 200_000, 3_000_000];

test('bodies of all sizes, in one piece and in many', async (t) => {
  for (const size of sizes) {
    const bytes = randomBytes(size);
    const many = Array.from({ length: Math.ceil(size / 1400) }, (_, i) =>
      bytes.subarray(i * 1400, (i + 1) * 1400),
    );
    for (const body of [[bytes], many]) {
      const [response, request] = await packed({ body, requestBody: bytes, method: 'PUT' });
      sameBytes(t, response.payload, bytes, String(size));
      sameBytes(t, request.payload, bytes, String(size));
    }
  }
});

test('a large body does not hold up the event loop', async (t) => {
  let turns = 0;
  let isPacked = false;
  const watch = (): void => {
    turns++;
    if (!isPacked) setImmediate(watch);
  };
  watch();
  await packExchanges([someExchange({ body: [randomBytes(16 * 1024 * 1024)] })]);
  isPacked = true;
  // A turn after each megabyte that is hashed, and those during compression.
  t.true(turns > 20, `${turns} turns`);
});
