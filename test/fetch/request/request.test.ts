import test from 'ava';
import type { ExecutionContext } from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { fetchAll, fetchOne, row } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';
import type { SeenRequest } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** The request that is made for a row with these cells. */
async function sent(
  t: ExecutionContext,
  options: FetchUrlsOptions,
  cells: Readonly<Record<string, string>> = {},
): Promise<SeenRequest> {
  const server = await httpServer(t, (_, response) => response.end());
  const { error } = await fetchOne(row({ url: `${server.url}/p`, ...cells }), options);
  t.is(error, null);
  const [request] = server.requests;
  if (request === undefined) throw new Error('no request came');
  return request;
}

test('a request says who asks, that anything is welcome, and which codings can be decoded', async (t) => {
  const { method, url, headers, body } = await sent(t, {});
  t.deepEqual([method, url, body], ['GET', '/p', '']);
  const { host, connection, ...others } = headers;
  t.regex(host ?? '', /^127\.0\.0\.1:\d+$/);
  t.is(connection, 'keep-alive');
  t.regex(others['user-agent'] ?? '', /^urlmill\/\d+\.\d+\.\d+\S* \(\+https:\/\/\S+\)$/);
  t.deepEqual(Object.keys(others).toSorted(), ['accept', 'accept-encoding', 'user-agent']);
  t.is(others.accept, '*/*');
  t.is(others['accept-encoding'], 'gzip, deflate, br, zstd');
});

test('--user-agent replaces the name', async (t) => {
  t.is((await sent(t, { userAgent: 'me/1' })).headers['user-agent'], 'me/1');
});

test('a header of the user replaces the own one of its name, in any case', async (t) => {
  const { headers } = await sent(t, {
    header: ['ACCEPT: text/html', 'User-Agent: mine'],
    userAgent: 'other',
  });
  t.is(headers.accept, 'text/html');
  t.is(headers['user-agent'], 'mine');
});

test('a header without a value takes the own one away', async (t) => {
  const header = ['Accept:', 'user-agent: ', 'Accept-Encoding:'];
  const { headers } = await sent(t, { header });
  t.deepEqual(Object.keys(headers).toSorted(), ['connection', 'host']);
});

test('a header may be given several times', async (t) => {
  const { headers } = await sent(t, { header: ['X-A: 1', 'X-A: 2'] });
  t.is(headers['x-a'], '1, 2');
});

test('a header about a body may be sent without one', async (t) => {
  t.is((await sent(t, { header: ['Content-Type: text/x'] })).headers['content-type'], 'text/x');
});

test('a value may hold colons and is trimmed', async (t) => {
  t.is((await sent(t, { header: ['X-A:  a: b  '] })).headers['x-a'], 'a: b');
});

test('cells are put into headers', async (t) => {
  const header = ['Authorization: Bearer {Token}', 'X-Id: <{id}> {{id}}'];
  const { headers } = await sent(t, { header }, { id: '7', token: 'abc' });
  t.is(headers.authorization, 'Bearer abc');
  t.is(headers['x-id'], '<7> {id}');
});

test('an empty cell leaves its header away', async (t) => {
  const { headers } = await sent(t, { header: ['X-Id: {id}'] }, { id: '' });
  t.false('x-id' in headers);
});

test('each row has its own cells, also on one connection', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const rows = ['a', 'b', 'c'].map((id, i) => row({ url: server.url, id }, i + 1));
  await fetchAll(rows, { concurrency: 1, header: ['X-Id: {id}'], data: 'id={id}' });
  t.deepEqual(
    server.requests.map(({ headers, body }) => [headers['x-id'], body]),
    ['a', 'b', 'c'].map((id) => [id, `id=${id}`]),
  );
});

test('characters beyond ASCII go out as UTF-8', async (t) => {
  const { headers } = await sent(t, { header: ['X-A: ü {name}'] }, { name: 'Zoë 日本' });
  t.is(Buffer.from(headers['x-a'] as string, 'latin1').toString(), 'ü Zoë 日本');
});

const badCell = test.macro({
  exec: async (t, cell: string) => {
    const server = await httpServer(t, (_, response) => response.end());
    const rows = [row({ url: server.url, id: 'fine' }), row({ url: server.url, id: cell }, 2)];
    const results = await fetchAll(rows, { header: ['X-Id: {id}'], ordered: true });
    t.deepEqual(
      results.map(({ error, status, attempts }) => [error, status, attempts]),
      [
        [null, 200, 1],
        ['bad-row', null, 0],
      ],
    );
    t.regex(results[1]?.detail ?? '', /control character/);
    t.is(server.requests.length, 1);
  },
  title: (name) => `a cell that cannot stand in a header is bad-row: ${name}`,
});

test('a line end', badCell, 'a\r\nX-Evil: 1');
test('LF alone', badCell, 'a\nb');
test('NUL', badCell, 'a\0b');
test('DEL', badCell, 'a\u007fb');
test('an escape', badCell, '\u001b[2J');

const badValue = test.macro({
  exec: async (t, options: FetchUrlsOptions, cell: string, words: RegExp) => {
    const server = await httpServer(t, (_, response) => response.end());
    const rows = [row({ url: server.url, x: 'a.test' }), row({ url: server.url, x: cell }, 2)];
    const results = await fetchAll(rows, { ...options, ordered: true, concurrency: 1 });
    t.deepEqual(
      results.map(({ error, attempts }) => [error, attempts]),
      [
        [null, 1],
        ['bad-row', 0],
      ],
    );
    t.regex(results[1]?.detail ?? '', words);
    t.is(server.requests.length, 1);
  },
  title: (name) => `a row whose cell cannot be sent is bad-row: ${name}`,
});

const noHost = /^the value of the header Host is not a host$/;
const noHosts: Readonly<Record<string, string>> = {
  'a bracket': '[',
  'an address in brackets that is none': '[x]',
  'brackets that do not close': '[::1',
  'something behind the brackets': '[::1]x',
  'an IPv4 address in brackets': '[127.0.0.1]',
  'a zone': '[fe80::1%eth0]',
  'a blank': 'a b',
  'blanks around it': ' a.test ',
  'a path': 'a.test/x',
  'a user': 'me@a.test',
  'a list': 'a.test:1:2',
  'a port that is no number': 'a.test:http',
  'a port alone': ':80',
  'a name that is not ASCII': 'müller.example',
  'a tab': 'a\tb',
};
for (const [name, cell] of Object.entries(noHosts)) {
  test(`Host: ${name}`, badValue, { header: ['Host: {x}'] }, cell, noHost);
}
test('Host: a control character', badValue, { header: ['Host: {x}'] }, 'a\0b', /holds a control character$/);
test('half of a surrogate pair in a header', badValue, { header: ['X: {x}'] }, 'a\ud800', /surrogate/);
test('half of a surrogate pair in the body', badValue, { data: '{x}' }, '\udc00', /surrogate/);

test('a cell may be any host', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const hosts = [
    'a.test',
    'a.test.',
    'A_b.test:8080',
    'a:',
    '127.0.0.1',
    '[::1]:80',
    'xn--bcher-kva.test',
    'a%41!',
  ];
  const rows = hosts.map((x, i) => row({ url: server.url, x }, i + 1));
  await fetchAll(rows, { header: ['Host: {x}'], concurrency: 1 });
  t.deepEqual(
    server.requests.map(({ headers }) => headers.host),
    hosts,
  );
});

test('every character of Latin-1 in a cell is sent or is bad-row, whatever the header', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cells = Array.from({ length: 256 }, (_, code) => `a${String.fromCharCode(code)}b`);
  const header = [
    'X: {x}',
    'Cookie: {x}',
    'Content-Type: {x}',
    'Referer: {x}',
    'User-Agent: {x}',
    'Via: {x}',
  ];
  const rows = cells.map((x, i) => row({ url: server.url, x }, i + 1));
  const results = await fetchAll(rows, { header, method: 'POST', data: '{x}', ordered: true });
  t.deepEqual(
    results.map(({ error }) => error),
    cells.map((_, code) => ((code < 0x20 && code !== 0x09) || code === 0x7f ? 'bad-row' : null)),
  );
});

test('--user-agent goes out as UTF-8', async (t) => {
  const { headers } = await sent(t, { userAgent: 'Zoë 日本' });
  t.is(Buffer.from(headers['user-agent'] ?? '', 'latin1').toString(), 'Zoë 日本');
});

test('a tab may stand in a header, and any character in a body', async (t) => {
  const text = 'line\r\n\0\u001b\u007f"ü';
  const { headers, body } = await sent(t, { header: ['X-A: a{tab}b'], data: '{text}' }, { tab: '\t', text });
  t.is(headers['x-a'], 'a\tb');
  t.is(body, text);
});

test('--data makes the request a POST of a form', async (t) => {
  const { method, body, headers } = await sent(t, { data: 'q={name}&x={{name}}' }, { name: 'Zoë' });
  t.is(method, 'POST');
  t.is(body, 'q=Zoë&x={name}');
  t.is(headers['content-type'], 'application/x-www-form-urlencoded');
  t.is(headers['content-length'], String(Buffer.byteLength(body)));
});

test('braces of JSON in --data stay', async (t) => {
  const header = ['Content-Type: application/json'];
  const { body, headers } = await sent(t, { data: '{"id": "{id}", "a": {"b": {}}}', header }, { id: '7' });
  t.deepEqual(JSON.parse(body), { id: '7', a: { b: {} } });
  t.is(headers['content-type'], 'application/json');
});

test('--data-file is sent as it is, without a content type', async (t) => {
  const content = Buffer.from('{id} \xff\0\r\n', 'latin1');
  const folder = await temporaryFolder(t, { 'body.bin': content });
  const received: string[] = [];
  const server = await rawServer(t, (socket, request) => {
    received.push(request);
    if (request.includes('\r\n\r\n{id}')) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    else socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  });
  const { status } = await fetchOne(server.url, { dataFile: `${folder}/body.bin` });
  t.is(status, 204);
  const [head = '', body] = received.join('').split('\r\n\r\n');
  t.regex(head, /^POST \/ HTTP\/1\.1\r\n/);
  t.notRegex(head, /content-type/i);
  t.is(body, content.toString('latin1'));
});

const method = test.macro({
  exec: async (t, options: FetchUrlsOptions, expected: string, length: string | undefined) => {
    const request = await sent(t, options);
    t.is(request.method, expected);
    t.is(request.headers['content-length'], length);
    t.is(request.body, options.data ?? '');
  },
  title: (name) => `method: ${name}`,
});

test('in lower case', method, { method: 'head' }, 'HEAD', undefined);
test('POST without data', method, { method: 'POST' }, 'POST', '0');
test('PUT with data', method, { method: 'PUT', data: 'x' }, 'PUT', '1');
test('GET with data', method, { method: 'GET', data: 'xy' }, 'GET', '2');
test('DELETE', method, { method: 'DELETE' }, 'DELETE', undefined);
test('OPTIONS', method, { method: 'OPTIONS' }, 'OPTIONS', undefined);
test('one of another protocol', method, { method: 'PROPFIND' }, 'PROPFIND', '0');
test('empty data', method, { data: '' }, 'POST', '0');

const unknownColumn = test.macro({
  exec: async (t, options: FetchUrlsOptions, message: RegExp) => {
    const server = await httpServer(t, (_, response) => response.end());
    await t.throwsAsync(fetchAll([row({ url: server.url, id: '1' })], options), {
      instanceOf: UsageError,
      message,
    });
    t.is(server.requests.length, 0);
  },
  title: (name) => `a column that does not exist ends the stream: in ${name}`,
});

test('a header', unknownColumn, { header: ['X-A: {nme}'] }, /^--header X-A: there is no column "nme"/);
test('the data', unknownColumn, { data: 'a={nme}' }, /^--data: there is no column "nme"/);

test('URLs as strings have the column url', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  await fetchAll([`${server.url}/x`], { header: ['X-From: {url}'] });
  t.is(server.requests[0]?.headers['x-from'], `${server.url}/x`);
});

test('rows of several tables each have their own columns', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const rows = [
    row({ url: server.url, id: 'a' }),
    row({ id: 'b', url: server.url }),
    row({ url: server.url, id: 'c' }),
  ];
  await fetchAll(rows, { concurrency: 1, header: ['X-Id: {id}'] });
  t.deepEqual(
    server.requests.map(({ headers }) => headers['x-id']),
    ['a', 'b', 'c'],
  );
});

const credentials = test.macro({
  exec: async (t, header: readonly string[], expected: string) => {
    const server = await httpServer(t, (_, response) => response.end());
    const url = server.url.replace('//', '//me:s%C3%A9cret@');
    const result = await fetchOne(row({ url: `${url}/p` }), { header });
    t.is(server.requests[0]?.headers.authorization, expected);
    t.is(result.url, `${server.url}/p`);
    t.is(result.host, '127.0.0.1');
  },
  title: (name) => `credentials of a URL are sent and are not in the result: ${name}`,
});

const basic = `Basic ${Buffer.from('me:sécret').toString('base64')}`;
test('alone', credentials, [], basic);
test('beside other headers', credentials, ['X-A: authorization'], basic);
test('after those that the user gives', credentials, ['AUTHORIZATION: Bearer x'], 'Bearer x');
