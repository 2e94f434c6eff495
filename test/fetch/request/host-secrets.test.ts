import { join } from 'node:path';

import test from 'ava';

import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { SeenRequest } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Fetches URLs from a server that stands for all hosts, and redirects `/to/HOST` to that host. */
const sent = test.macro({
  exec: async (
    t,
    file: Readonly<Record<string, string>>,
    urls: readonly string[],
    expected: readonly Sent[],
  ) => {
    const server = await httpServer(t, ({ url }, response) => {
      const [, host] = /^\/to\/(.*)$/.exec(url) ?? [];
      if (host !== undefined) response.writeHead(302, { location: `http://${host}/arrived` });
      response.end();
    });
    const folder = await temporaryFolder(t, file);
    const path = (name: string): string => join(folder, name);
    const options = {
      connectTo: [everythingTo(server)],
      ...('netrc' in file ? { netrc: path('netrc') } : {}),
      ...('cookies' in file ? { cookies: path('cookies') } : {}),
      ...('headers' in file ? { header: [`@${path('headers')}`] } : {}),
    };
    for (const url of urls) await fetchAll([url], options);
    t.deepEqual(
      server.requests.map((request, i) => seen(request, Object.keys(expected[i]?.headers ?? {}))),
      expected,
    );
  },
  title: (what) => `${what}`,
});

function seen({ headers, url }: SeenRequest, names: readonly string[]): Sent {
  const some = names.map((name) => [name, headers[name] as string | undefined] as const);
  return { path: (headers.host ?? '') + url, headers: Object.fromEntries(some) };
}

const basic = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`;

const netrc = 'machine a.test login anna password a\nmachine b.test login bert password b\n';
test(
  'a login goes to its host, by a redirect too, and to no other',
  sent,
  { netrc },
  ['http://a.test/', 'http://c.test/', 'http://a.test/to/b.test', 'http://a.test/to/c.test'],
  [
    { path: 'a.test/', headers: { authorization: basic('anna:a') } },
    { path: 'c.test/', headers: { authorization: undefined } },
    { path: 'a.test/to/b.test', headers: { authorization: basic('anna:a') } },
    { path: 'b.test/arrived', headers: { authorization: basic('bert:b') } },
    { path: 'a.test/to/c.test', headers: { authorization: basic('anna:a') } },
    { path: 'c.test/arrived', headers: { authorization: undefined } },
  ],
);
test(
  'the credentials of a URL come before those of the file',
  sent,
  { netrc },
  ['http://eva:e@a.test/'],
  [{ path: 'a.test/', headers: { authorization: basic('eva:e') } }],
);
test(
  'an Authorization header comes before the login',
  sent,
  { netrc, headers: 'Authorization: Bearer x\n' },
  ['http://a.test/'],
  [{ path: 'a.test/', headers: { authorization: 'Bearer x' } }],
);
test(
  'cookies of a file go where they belong',
  sent,
  { cookies: 'a.test\tFALSE\t/\tFALSE\t0\tk\tv\n' },
  ['http://a.test/', 'http://b.test/', 'http://b.test/to/a.test'],
  [
    { path: 'a.test/', headers: { cookie: 'k=v' } },
    { path: 'b.test/', headers: { cookie: undefined } },
    { path: 'b.test/to/a.test', headers: { cookie: undefined } },
    { path: 'a.test/arrived', headers: { cookie: 'k=v' } },
  ],
);
test(
  'headers of a section go to its host only, in place of those for all',
  sent,
  { headers: 'X-Key: all\nX-All: 1\n[a.test]\nX-Key: a\nAuthorization: Bearer a\n[*.b.test]\nX-All:\n' },
  [
    'http://a.test/',
    'http://a.test/to/c.test',
    'http://c.test/to/a.test',
    'http://x.b.test/',
    'http://b.test/',
  ],
  [
    { path: 'a.test/', headers: { 'x-key': 'a', 'x-all': '1', authorization: 'Bearer a' } },
    { path: 'a.test/to/c.test', headers: { 'x-key': 'a', 'x-all': '1', authorization: 'Bearer a' } },
    { path: 'c.test/arrived', headers: { 'x-key': undefined, authorization: undefined } },
    { path: 'c.test/to/a.test', headers: { 'x-key': 'all', authorization: undefined } },
    { path: 'a.test/arrived', headers: { 'x-key': 'a', authorization: 'Bearer a' } },
    { path: 'x.b.test/', headers: { 'x-key': 'all', 'x-all': undefined } },
    { path: 'b.test/', headers: { 'x-key': 'all', 'x-all': '1' } },
  ],
);
test(
  'cells stand in the headers of a section',
  sent,
  { headers: '[a.test]\nX-Url: {url}\n' },
  ['http://a.test/1', 'http://b.test/2'],
  [
    { path: 'a.test/1', headers: { 'x-url': 'http://a.test/1' } },
    { path: 'b.test/2', headers: { 'x-url': undefined } },
  ],
);
