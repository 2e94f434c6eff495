import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
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

/**
 * Lists like those people have. Each folder has the input, the command, and a description of the right output
 * in EXPECT.
 */
const lists = fileURLToPath(new URL('../../../fixtures/lists/', import.meta.url));

interface Right {
  /** The whole output. */
  readonly output: string;
  /** Requests as `host/path`, in any order. Default: not checked. */
  readonly asked?: readonly string[];
  /** All that the command prints on stderr. Default: nothing. */
  readonly says?: RegExp;
  /** Default: 0. */
  readonly code?: number;
}

/**
 * Runs the command of a folder with a server that answers 200 for every host and path, with or without TLS.
 */
const given = test.macro<[folder: string, right: Right]>({
  exec: async (t, folder, { output, asked, says = /^$/, code = 0 }) => {
    const seen: string[] = [];
    const port = await answering(t, (request) =>
      seen.push(`${request.headers.host ?? ''}${request.url ?? ''}`),
    );
    const cwd = path.join(lists, folder);
    const command = (await readFile(path.join(cwd, 'command'), 'utf8')).trim();
    const [, ...args] = command.replace('$PORT', String(port)).split(' ');
    // Many such tests run at once, so that a handshake may take long.
    const patient = ['--connect-timeout', '30m', '--timeout', '1h'];
    const ended = await urlmill([...patient, ...args], { cwd });
    t.regex(ended.stderr, says);
    t.is(ended.stdout, output);
    t.is(ended.code, code);
    if (asked !== undefined) t.deepEqual(seen.toSorted(), [...asked].toSorted());
  },
  title: (_, folder) => folder,
});

/** A port that speaks HTTP, or HTTPS if the connection begins with a TLS record. */
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

const columns = 'fetch_status,fetch_error,fetch_url,fetch_error_detail';
/** The pages 1 to `count` of a list. */
const pages = (count: number): string[] => Array.from({ length: count }, (_, i) => `a.test/${i + 1}`);
const ok = (page: string): string => `200,,http://${page},`;
const refused = { output: '', asked: [], code: 2 };
const unreadable = { output: '', asked: [], code: 3 };

test(given, '01-headerless-csv-onecol', {
  output: pages(3)
    .map((page) => `http://${page},${ok(page)}\n`)
    .join(''),
  asked: pages(3),
});
test(given, '03-headerless-hosts-csv', {
  output: `a.test,200,,https://a.test/,\nb.test,200,,https://b.test/,\nc.test,200,,https://c.test/,\n`,
  asked: ['a.test/', 'b.test/', 'c.test/'],
});
test(given, '04-headerless-csv-2col', {
  output: pages(3)
    .map((page, i) => `${i + 1},http://${page},${ok(page)}\n`)
    .join(''),
  asked: pages(3),
});
test(given, '05-tranco-u2', {
  output: ['google', 'youtube', 'x']
    .map((name, i) => `${i + 1},${name}.test,200,,https://${name}.test/,\n`)
    .join(''),
  asked: ['google.test/', 'youtube.test/', 'x.test/'],
});
test(given, '07-list-one-odd-line', {
  output: `url,${columns}
http://a.test/1,${ok('a.test/1')}
"not a url, really",,invalid-url,,"not a URL: without a scheme, a host name with a dot or an IP address is needed"
http://a.test/2,${ok('a.test/2')}
`,
  asked: pages(2),
});
test(given, '09-list-quoted', {
  output: `url,${columns}
"""http://a.test/1""",${ok('a.test/1')}
"""http://a.test/2""",${ok('a.test/2')}
`,
  asked: pages(2),
});
test(given, '11-list-comments-first', {
  output: `url,${columns}\nhttp://a.test/1,${ok('a.test/1')}\nhttp://a.test/2,${ok('a.test/2')}\n`,
  asked: pages(2),
});
test(given, '13-list-inline-comment', {
  output: `url,${columns}
http://a.test/1 # 404,${ok('a.test/1')}
http://a.test/2 # important,${ok('a.test/2')}
`,
  asked: pages(2),
});

const twoRows = {
  output: `id,url,${columns}\n1,http://a.test/1,${ok('a.test/1')}\n2,http://a.test/2,${ok('a.test/2')}\n`,
  asked: pages(2),
};

test(given, '14-sep-semicolon', twoRows);
test(given, '15-sep-comma', twoRows);
test(given, '17-comment-before-header', twoRows);
test(given, '23-single-quotes', twoRows);
test(given, '26-trailing-delimiter-data', twoRows);
test(given, '18-preamble', {
  ...refused,
  says: /^urlmill: a20-preamble\.csv: the header seems to stand in line 4, [^\n]*say --skip-lines 3, [^\n]+\n$/,
});
test(given, '19-delimiter-from-header-only', {
  output: `"Name, town, country",URL,${columns}
x,http://a.test/1,${ok('a.test/1')}
y,http://a.test/2,${ok('a.test/2')}
`,
  asked: pages(2),
});
test(given, '21-tsv-with-commas', {
  output: `id,url,${columns}\n1,http://a.test/1,${ok('a.test/1')}\n`,
  asked: pages(1),
});
test(given, '22-space-before-quote', {
  output: `id, url, note,${columns}
1,"http://a.test/1,2","x, y",200,,"http://a.test/1,2",
2,http://a.test/2,z,${ok('a.test/2')}
`,
  asked: ['a.test/1,2', 'a.test/2'],
});
test(given, '27-address-postal', {
  output: `Name,Address,Web,${columns}
x,12 Main St,http://a.test/1,${ok('a.test/1')}
y,1 High St,http://a.test/2,${ok('a.test/2')}
`,
  asked: pages(2),
});
test(given, '29-website-url-hosts', {
  output: `Website URL,Name,${columns}\na.test,x,200,,https://a.test/,\nb.test,y,200,,https://b.test/,\n`,
  asked: ['a.test/', 'b.test/'],
});
test(given, '45-html-as-csv', {
  ...unreadable,
  says: /^urlmill: d20-html-named\.csv: is HTML, not a list; its links are: lynx [^\n]+\n$/,
});
test(given, '46-notice-as-csv', {
  ...refused,
  says: /^urlmill: no column looks like URLs; [^\n]+: "This list has moved [^\n]+\n$/,
});
test(given, '48-tar', { ...unreadable, says: /^urlmill: d18\.tar: is a tar archive; unpack it: [^\n]+\n$/ });
test(given, '53-xls-old', { ...unreadable, says: /^urlmill: d12\.xls: is an old Excel \(xls\) [^\n]+\n$/ });
test(given, '56-header-midfile', {
  output: `id,url,${columns}
1,http://a.test/1,${ok('a.test/1')}
"\ufeffid",url,,bad-row,,the header line again
2,http://a.test/2,${ok('a.test/2')}
`,
  asked: pages(2),
});

const noUrl = ',,invalid-url,,not a URL: ';
const neither = '"not a URL: without a scheme, a host name with a dot or an IP address is needed"';

test(given, '08-list-localhost-first', {
  output: `url,${columns}
localhost,200,,https://localhost/,
intranet,,invalid-url,,${neither}
http://a.test/1,${ok('a.test/1')}
`,
  asked: ['localhost/', 'a.test/1'],
});
test(given, '30-numbers-are-hosts', {
  ...refused,
  says: /^urlmill: no column looks like URLs; name one with --url-column: "id" \("16843009"\)\n$/,
});
test(given, '31-doi-private-network', {
  output: `title,url,${columns}
x,10.1234/abc.5${noUrl}it looks like a path without a host
y,10.1000/182${noUrl}it looks like a path without a host
z,doi:10.1/x,,invalid-url,,${neither}
w,3.14${noUrl}it holds no letter
v,1e3,,invalid-url,,${neither}
u,2024${noUrl}it holds no letter
t,12:30${noUrl}it holds no letter
s,192.168.1.1,200,,https://192.168.1.1/,
r,1.234.567${noUrl}it holds no letter
`,
  asked: ['192.168.1.1/'],
});
test(given, '32-email', {
  output: `name,url,${columns}
x,foo@a.test${noUrl}it looks like an e-mail address
y,http://a.test/,200,,http://a.test/,
`,
  asked: ['a.test/'],
});
test(given, '34-relative-path', {
  output: `url,${columns}
/a/b${noUrl}it looks like a path without a host
/c/d${noUrl}it looks like a path without a host
`,
  asked: [],
});
test(given, '38-several-urls', {
  output: `id,url,${columns}
1,"http://a.test/1
http://a.test/2"${noUrl}several URLs in one cell
2,http://a.test/1 http://a.test/2${noUrl}several URLs in one cell
3,"http://a.test/1, http://a.test/2"${noUrl}several URLs in one cell
4,http://a.test/1 | http://a.test/2${noUrl}several URLs in one cell
`,
  asked: [],
});

test('each folder of lists is tried', async (t) => {
  const source = await readFile(new URL('../../../test/cli/lists.test.ts', import.meta.url), 'utf8');
  const tried = [...source.matchAll(/test\(given, '([^']+)'/g)].map(([, folder]) => folder);
  // Its list is generated, and the run is stopped and the list repaired in between; write/raw-bytes and
  // cli/input-errors test that.
  const folders = (await readdir(lists)).filter((name) => name !== '57-bad-byte-late-and-resume');
  t.is(tried.length, folders.length);
  t.deepEqual(
    folders.filter((folder) => !tried.includes(folder)),
    [],
  );
});
