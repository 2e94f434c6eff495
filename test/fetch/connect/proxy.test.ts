import test from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import { proxyRules } from '../../../src/fetch/connect/proxy.ts';
import type { Proxy } from '../../../src/fetch/connect/proxy.ts';

type Environment = Readonly<Record<string, string>>;

/** The name of the proxy used for a URL; null for none. */
function serves(url: string, said: string | undefined, environment: Environment = {}): string | null {
  return proxyRules(said, environment)(new URL(url))?.name ?? null;
}

const direct = null;
const one = 'http://one.test:1';
const two = 'http://two.test:2';

const chooses = test.macro(
  (t, url: string, said: string | undefined, environment: Environment, expected: string | null) => {
    t.is(serves(url, said, environment), expected);
  },
);

test('nothing said: none', chooses, 'http://a.test/', undefined, {}, direct);
test('--proxy serves http', chooses, 'http://a.test/', one, {}, one);
test('--proxy serves https', chooses, 'https://a.test/', one, {}, one);
test('--proxy serves localhost', chooses, 'http://localhost/', one, {}, one);
test('--proxy serves loopback addresses', chooses, 'http://127.0.0.1:8080/', one, {}, one);
test(
  '--proxy wins over the environment',
  chooses,
  'http://a.test/',
  one,
  { http_proxy: two, HTTP_PROXY: two },
  one,
);
test('--proxy none wins too', chooses, 'http://a.test/', 'none', { http_proxy: two }, direct);
test('--proxy NONE as well', chooses, 'http://a.test/', 'NONE', { http_proxy: two }, direct);
test('an empty --proxy is none', chooses, 'http://a.test/', '', { http_proxy: two }, direct);
test('--proxy obeys NO_PROXY', chooses, 'http://a.test/', one, { NO_PROXY: 'a.test' }, direct);
test('http_proxy serves http', chooses, 'http://a.test/', undefined, { http_proxy: one }, one);
test('HTTP_PROXY serves http', chooses, 'http://a.test/', undefined, { HTTP_PROXY: one }, one);
test('HTTP_PROXY does not serve https', chooses, 'https://a.test/', undefined, { HTTP_PROXY: one }, direct);
test('https_proxy serves https', chooses, 'https://a.test/', undefined, { https_proxy: one }, one);
test('HTTPS_PROXY serves https', chooses, 'https://a.test/', undefined, { HTTPS_PROXY: one }, one);
test('HTTPS_PROXY does not serve http', chooses, 'http://a.test/', undefined, { HTTPS_PROXY: one }, direct);
test(
  'lower case first: http',
  chooses,
  'http://a.test/',
  undefined,
  { http_proxy: one, HTTP_PROXY: two },
  one,
);
test(
  'lower case first: https',
  chooses,
  'https://a.test/',
  undefined,
  { HTTPS_PROXY: two, https_proxy: one },
  one,
);
test(
  'lower case first: no_proxy',
  chooses,
  'http://a.test/',
  one,
  { NO_PROXY: 'a.test', no_proxy: 'b.test' },
  one,
);
test(
  'an empty variable is not set',
  chooses,
  'http://a.test/',
  undefined,
  { http_proxy: '', HTTP_PROXY: one },
  one,
);
test(
  'HTTP_PROXY is a header in a CGI script',
  chooses,
  'http://a.test/',
  undefined,
  { HTTP_PROXY: one, REQUEST_METHOD: 'GET' },
  direct,
);
test(
  'http_proxy is none there',
  chooses,
  'http://a.test/',
  undefined,
  { HTTP_PROXY: two, http_proxy: one, REQUEST_METHOD: 'GET' },
  one,
);
test(
  'nor is HTTPS_PROXY',
  chooses,
  'https://a.test/',
  undefined,
  { HTTPS_PROXY: one, REQUEST_METHOD: 'GET' },
  one,
);

const reads = test.macro({
  exec: (t, said: string, expected: Partial<Proxy>) => {
    const proxy = {
      secure: false,
      host: 'p.test',
      port: 80,
      authorization: '',
      name: '',
      socks: null,
      ...expected,
    };
    t.deepEqual(proxyRules(said, {})(new URL('http://a.test/')), proxy);
  },
  title: (name) => `a proxy: ${name}`,
});

const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;

test('host and port', reads, 'p.test:3128', { port: 3128, name: 'http://p.test:3128' });
test('a host alone: port 80', reads, 'p.test', { name: 'http://p.test:80' });
test('http', reads, 'HTTP://P.test/', { name: 'http://p.test:80' });
test('port 80 said', reads, 'http://p.test:80', { name: 'http://p.test:80' });
test('https: port 443', reads, 'https://p.test', {
  secure: true,
  port: 443,
  name: 'https://p.test:443',
});
test('IPv6', reads, 'http://[::1]:3128', { host: '::1', port: 3128, name: 'http://[::1]:3128' });
test('blanks around it', reads, ' p.test:81 \n', { port: 81, name: 'http://p.test:81' });
test('user and password, without scheme', reads, 'me:secret@p.test:81', {
  port: 81,
  authorization: basic('me:secret'),
  name: 'http://p.test:81',
});
test('percent-encoded credentials', reads, 'http://m%40e:s%3A%2F%C3%BC%25@p.test:81', {
  port: 81,
  authorization: basic('m@e:s:/ü%'),
  name: 'http://p.test:81',
});
test('a user alone', reads, 'http://me@p.test:81', {
  port: 81,
  authorization: basic('me:'),
  name: 'http://p.test:81',
});
test('an @ in the password', reads, 'http://me:a@b@p.test:81', {
  port: 81,
  authorization: basic('me:a@b'),
  name: 'http://p.test:81',
});

test('SOCKS 5: port 1080', reads, 'socks5://P.test', {
  port: 1080,
  name: 'socks5://p.test:1080',
  socks: { resolves: false, user: '', password: '' },
});
test('SOCKS 5 that resolves names', reads, 'SOCKS5h://m%40e:s%25@p.test:80', {
  port: 80,
  authorization: basic('m@e:s%'),
  name: 'socks5h://p.test:80',
  socks: { resolves: true, user: 'm@e', password: 's%' },
});

test('ALL_PROXY serves the schemes that have none of their own', (t) => {
  const environment = { ALL_PROXY: one, https_proxy: two };
  t.is(serves('http://a.test/', undefined, environment), one);
  t.is(serves('https://a.test/', undefined, environment), two);
  t.is(serves('http://a.test/', undefined, { ALL_PROXY: one, all_proxy: two }), two);
  t.is(serves('http://a.test/', undefined, { ALL_PROXY: one, NO_PROXY: 'a.test' }), direct);
});

const refuses = test.macro({
  exec: (t, said: string | undefined, environment: Environment, message: string | RegExp) => {
    const error = t.throws(() => proxyRules(said, environment), { instanceOf: UsageError, message });
    t.false(error.message.includes('secret'));
  },
  title: (name) => `no proxy is made of it: ${name}`,
});

test(
  'SOCKS 4',
  refuses,
  undefined,
  { HTTPS_PROXY: 'SOCKS4://me:secret@p' },
  /^HTTPS_PROXY: .*, not by socks4$/,
);
test('no host', refuses, 'http://me:secret@', {}, /^--proxy: a proxy like .* is needed$/);
test('a port that is none', refuses, undefined, { http_proxy: 'p:66666' }, /^http_proxy: a proxy like /);
const fits = 'ü'.repeat(127);
test('SOCKS 5: 254 bytes of a password', reads, `socks5://me:${fits}@p.test`, {
  port: 1080,
  authorization: basic(`me:${fits}`),
  name: 'socks5://p.test:1080',
  socks: { resolves: false, user: 'me', password: fits },
});
for (const login of [`me:secret${fits}`, `secret${fits}:me`])
  test(
    `more than a login of SOCKS can hold: ${login.slice(0, 9)}`,
    refuses,
    `socks5://${login}@p`,
    {},
    '--proxy: the user and the password of a SOCKS proxy have at most 255 bytes each',
  );
test('more than a password can hold', refuses, `x:${'secret'.repeat(20_000)}@p`, {}, /longer than 64 KiB/);

test('--proxy is not refused for what the environment says', (t) => {
  t.is(serves('https://a.test/', one, { HTTPS_PROXY: 'socks4://p' }), one);
  t.is(serves('https://a.test/', 'none', { HTTPS_PROXY: 'socks4://p' }), direct);
});

const exempts = test.macro({
  exec: (t, list: string, exempt: readonly string[], served: readonly string[]) => {
    const reached = (url: string): boolean => serves(url, one, { no_proxy: list }) === direct;
    t.deepEqual([...exempt, ...served].filter(reached), exempt);
  },
  title: (name) => `NO_PROXY: ${name}`,
});

const a = 'http://a.test/';
const b = 'http://b.test/';
const below = 'http://x.a.test/';
const beside = 'http://xa.test/';

test('*: everything', exempts, '*', [a, 'https://[::1]:8/', 'http://10.0.0.1/'], []);
test('* in a list', exempts, 'b.test, *', [a, b], []);
test('a host, and what is below it', exempts, 'a.test', [a, below, 'https://a.test:8/'], [b, beside]);
test('.suffix is the same', exempts, '.a.test', [a, below], [b, beside]);
test('*.suffix is the same', exempts, '*.a.test', [a, below], [b, beside]);
test('upper case', exempts, 'A.TEST', [a, below], [b]);
test('a dot at the end of the entry', exempts, 'a.test.', [a, below], [b]);
test('a dot at the end of the host', exempts, 'a.test', ['http://a.test./'], ['http://b.test./']);
test('a name beyond ASCII', exempts, 'Bücher.test', ['http://bücher.test/'], [a]);
test('commas', exempts, 'a.test,b.test', [a, b], ['http://c.test/']);
test('blanks', exempts, 'a.test b.test\tc.test', [a, b, 'http://c.test/'], ['http://d.test/']);
test('both, and too many', exempts, ' ,, a.test , ,b.test,', [a, b], ['http://c.test/']);
test('nothing but commas', exempts, ',, ,', [], [a, 'http://[::1]/']);
test('a port', exempts, 'a.test:81', ['http://a.test:81/', 'http://x.a.test:81/'], [a, 'http://b.test:81/']);
test('the port of http', exempts, 'a.test:80', [a, 'https://a.test:80/'], ['https://a.test/']);
test('the port of https', exempts, '.a.test:443', ['https://a.test/'], [a]);
test('localhost', exempts, 'localhost', ['http://localhost:1/'], ['http://127.0.0.1/']);
test('IPv4', exempts, '10.0.0.1', ['http://10.0.0.1:5/', 'http://0xa.1/'], ['http://10.0.0.10/', a]);
test('IPv4 and port', exempts, '10.0.0.1:5', ['http://10.0.0.1:5/'], ['http://10.0.0.1/']);
test('IPv6', exempts, '0:0:0::1', ['http://[::1]:5/'], ['http://[::2]/', 'http://127.0.0.1/']);
test('IPv6 in brackets', exempts, '[::1]', ['http://[::1]/', 'https://[::1]:5/'], ['http://[::2]/']);
test('IPv6 and port', exempts, '[::1]:5', ['http://[::1]:5/'], ['http://[::1]/', 'http://[::2]:5/']);
test(
  'IPv4 network',
  exempts,
  '10.1.0.0/9',
  ['http://10.127.0.1/'],
  ['http://10.128.0.1/', 'http://11.1.0.0/'],
);
test('IPv4 of any kind', exempts, '0.0.0.0/0', ['http://10.1.2.3/'], [a, 'http://[::1]/']);
test('IPv6 network', exempts, 'fe80::/10', ['http://[febf::1]/'], ['http://[fec0::1]/', 'http://10.0.0.1/']);
test('IPv6 network in brackets', exempts, '[fe80::]/10', ['http://[febf::1]/'], ['http://[fec0::1]/']);
test('IPv4 as IPv6', exempts, '10.0.0.0/8', ['http://[::ffff:10.0.0.1]/'], ['http://[::ffff:11.0.0.1]/']);
test('the end of an address is no suffix', exempts, '0.1,.0.1', [], ['http://10.0.0.1/']);
test('networks that are none', exempts, '10.0.0.0/33,::/129,10.0.0.0/x,/8,10/8', [], ['http://10.0.0.1/', a]);
test('what is no entry', exempts, ':80 [ ]: http://a.test [::1 . *. .:80 a.test:x', [], [a, b]);

test('a host may come with or without brackets', (t) => {
  const rules = proxyRules(one, { NO_PROXY: '::1' });
  const target = { protocol: 'http:', port: '' };
  t.is(rules({ ...target, hostname: '::1' }), null);
  t.is(rules({ ...target, hostname: '[::1]' }), null);
});

test('rules never throw when called', (t) => {
  const rules = proxyRules(one, { NO_PROXY: '10.0.0.0/8 ::1 a.test:80' });
  for (const hostname of ['', '.', '[', '[]', 'a b', 'fe80::1%eth0', '\0', '1.2.3', 'x'.repeat(100_000)]) {
    t.is(rules({ protocol: '', hostname, port: 'x' })?.name, one);
  }
});
