import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../helpers/certificates.ts';
import { urlmill } from '../helpers/cli.ts';

/** Lists as people have them: a folder each with the input, the command, and in EXPECT what is right in words. */
const lists = fileURLToPath(new URL('../../../fixtures/lists/', import.meta.url));

interface Right {
  /** The whole output. */
  readonly output: string;
  /** What was asked for, in order: `host/path`. Default: not looked at. */
  readonly asked?: readonly string[];
  /** The whole of what the command says; default: nothing. */
  readonly says?: RegExp;
  /** Default: 0. */
  readonly code?: number;
}

/** Runs the command of a folder with a server that answers 200 to everything, whatever host is asked for, TLS or not. */
const given = test.macro<[folder: string, right: Right]>({
  exec: async (t, folder, { output, asked, says = /^$/, code = 0 }) => {
    const seen: string[] = [];
    const port = await answering(t, (request) =>
      seen.push(`${request.headers.host ?? ''}${request.url ?? ''}`),
    );
    const cwd = path.join(lists, folder);
    const command = (await readFile(path.join(cwd, 'command'), 'utf8')).trim();
    const [, ...args] = command.replace('$PORT', String(port)).split(' ');
    const ended = await urlmill(args, { cwd });
    t.regex(ended.stderr, says);
    t.is(ended.stdout, output);
    t.is(ended.code, code);
    if (asked !== undefined) t.deepEqual(seen.toSorted(), [...asked].toSorted());
  },
  title: (_, folder) => folder,
});

/** A port that speaks HTTP and, where a connection begins with a TLS record, HTTPS. */
async function answering(
  t: ExecutionContext,
  onRequest: (request: IncomingMessage) => void,
): Promise<number> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    onRequest(request);
    response.end('a page');
  };
  const plain = http.createServer(answer);
  const secure = https.createServer((await certificates()).good, answer);
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      (first[0] === 0x16 ? secure : plain).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    plain.closeAllConnections();
    secure.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test(given, '25-long-row-shifts-output', {
  output: `id,url,note,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,http://a.test/1,n,,bad-row,,4 cells where the header has 3,more
2,http://a.test/2,n,200,,http://a.test/2,
`,
  asked: ['a.test/2'],
});

test(given, '23-single-quotes', {
  output: `id,url,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,'http://a.test/1',200,,http://a.test/1,
2,'http://a.test/2',200,,http://a.test/2,
`,
  asked: ['a.test/1', 'a.test/2'],
});

test(given, '35-backslashes', {
  output: `id,url,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,http:\\\\a.test\\x,200,,http://a.test/x,
2,http:\\/\\/a.test\\/y,200,,http://a.test//y,
3,http://a.test/ok,200,,http://a.test/ok,
`,
  asked: ['a.test/x', 'a.test//y', 'a.test/ok'],
});

test(given, '36-no-slashes', {
  output: `id,url,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,http:a.test/x,200,,http://a.test/x,
2,https:a.test/y,200,,https://a.test/y,
3,http://a.test/ok,200,,http://a.test/ok,
`,
  asked: ['a.test/x', 'a.test/y', 'a.test/ok'],
});

const array = `id,url,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,http://a.test/1,200,,http://a.test/1,
2,http://a.test/2,200,,http://a.test/2,
`;

test(given, '39-json-array', { output: array, asked: ['a.test/1', 'a.test/2'] });
test(given, '40-json-array-pretty', { output: array, asked: ['a.test/1', 'a.test/2'] });

test(given, '42-jsonl-first-lacks-url', {
  output: `id,url,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,,,no-url,,
2,http://a.test/2,200,,http://a.test/2,
`,
  asked: ['a.test/2'],
});

test(given, '44-jsonl-nested', {
  output: `id,page,fetch_status,fetch_error,fetch_url,fetch_error_detail
1,"{""url"":""http://a.test/1""}",200,,http://a.test/1,
2,"{""url"":""http://a.test/2""}",200,,http://a.test/2,
`,
  asked: ['a.test/1', 'a.test/2'],
});

test(given, '50-utf32', {
  output: '',
  says: /^urlmill: c07-utf32le-bom\.csv: is UTF-32; convert it: iconv -f utf-32le -t utf-8 FILE \| urlmill\n$/,
  asked: [],
  code: 3,
});

test(given, '51-utf16-nobom-nonascii', {
  output: '',
  says: /^urlmill: c14-utf16-nonascii-first-nobom\.csv: looks like UTF-16 without a byte order mark; say so: --encoding utf-16le\n$/,
  asked: [],
  code: 3,
});

test(given, '54-gz-trailing-junk', {
  output: array,
  says: /^urlmill: d03-trailing-junk\.csv\.gz: the compressed data is damaged \(from byte 51 on it is no gzip\); fetch or make the file again\n$/,
  asked: ['a.test/1', 'a.test/2'],
  code: 3,
});
