import { execFileSync } from 'node:child_process';

import test from 'ava';

import { ChainCookies } from '../../../src/fetch/request/chain-cookies.ts';

const sent = test.macro({
  exec: (t, setCookie: string | string[], from: string, to: string, expected: string) => {
    const cookies = new ChainCookies();
    cookies.set([setCookie].flat(), from);
    t.is(cookies.header(to), expected);
  },
  title: (name) => `cookies: ${name}`,
});

const site = 'http://www.a.example.org/dir/page';

test('nothing was set', sent, [], site, site, '');
test('back to where it was set', sent, 'a=1', site, site, 'a=1');
test('two', sent, ['a=1', 'b=2'], site, site, 'a=1; b=2');
test('one replaces another', sent, ['a=1', 'a=2'], site, site, 'a=2');
test('an empty value', sent, 'a=', site, site, 'a=');
test('a quoted value', sent, 'a="1 2"', site, site, 'a="1 2"');
test('a value with an equals sign', sent, 'a=b=c', site, site, 'a=b=c');
test('bytes beyond ASCII as they came', sent, 'a=\u00c3\u00bc', site, site, 'a=\u00c3\u00bc');
test('named like a member of Object', sent, '__proto__=1', site, site, '__proto__=1');

test('cookies: a host that is none costs no more than its cookies', (t) => {
  // Newer versions of Node accept it as a host.
  const [cookies, none] = [new ChainCookies(), 'http://xn--a/'];
  t.notThrows(() => cookies.set(['a=1'], none));
  t.true(['', 'a=1'].includes(cookies.header(none)));
  cookies.set(['b=2'], site);
  t.is(cookies.header(site), 'b=2');
});

test('another host', sent, 'a=1', site, 'http://b.example.net/dir/page', '');
test('a host below', sent, 'a=1', site, 'http://x.www.a.example.org/dir/page', '');
test(
  'a domain that is named',
  sent,
  'a=1; Domain=a.example.org',
  site,
  'http://b.a.example.org/dir/x',
  'a=1',
);
test('a domain with a dot', sent, 'a=1; Domain=.a.example.org', site, 'http://b.a.example.org/dir/x', 'a=1');
test('a domain of others', sent, 'a=1; Domain=example.net', site, 'http://example.net/dir/x', '');
test('a domain below its own', sent, 'a=1; Domain=x.www.a.example.org', site, site, '');
test('a name that only ends alike', sent, 'a=1; Domain=ample.org', site, site, '');
test('another port', sent, 'a=1', site, 'http://www.a.example.org:8080/dir/x', 'a=1');

test('a public suffix', sent, 'a=1; Domain=org', site, site, '');
test('of two labels', sent, 'a=1; Domain=co.uk', 'http://a.co.uk/', 'http://b.co.uk/', '');
test('a private one', sent, 'a=1; Domain=github.io', 'http://a.github.io/', 'http://b.github.io/', '');
test('a host that is one', sent, 'a=1', 'http://github.io/', 'http://github.io/', 'a=1');

test('another directory', sent, 'a=1', site, 'http://www.a.example.org/other', '');
test('a directory below', sent, 'a=1', site, 'http://www.a.example.org/dir/sub/x', 'a=1');
test('a path that is named', sent, 'a=1; Path=/', site, 'http://www.a.example.org/other', 'a=1');
test('a path that only begins alike', sent, 'a=1; Path=/di', site, site, '');
test('longer paths first', sent, ['a=1; Path=/', 'b=2; Path=/dir'], site, site, 'b=2; a=1');

const secure = site.replace('http:', 'https:');
test('Secure, over TLS', sent, 'a=1; Secure', secure, secure, 'a=1');
test('Secure, not over plain HTTP', sent, 'a=1; Secure', secure, site, '');
test('Secure, set over plain HTTP', sent, 'a=1; Secure', site, secure, '');
test('Secure, on this machine', sent, 'a=1; Secure', 'https://localhost/', 'http://localhost/', '');
test('HttpOnly', sent, 'a=1; HttpOnly', site, site, 'a=1');
test('__Host- that keeps its promise', sent, '__Host-a=1; Secure; Path=/', secure, secure, '__Host-a=1');
test('__Host- that does not', sent, '__Host-a=1; Secure', secure, secure, '');
test('__Secure- that does not', sent, '__Secure-a=1', secure, secure, '');

test('expired', sent, 'a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT', site, site, '');
test('not yet', sent, 'a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT', site, site, 'a=1');
test('Max-Age of 0', sent, 'a=1; Max-Age=0', site, site, '');
test('deleted', sent, ['a=1', 'b=2', 'a=; Max-Age=-1'], site, site, 'b=2');
test('a date that is none', sent, 'a=1; Expires=soon', site, site, 'a=1');

test('no name', sent, '=1', site, site, '');
test('no equals sign', sent, 'a', site, site, '');
test('empty', sent, ['', ';', ' ', ';;='], site, site, '');
test('a line end', sent, ['a=1\r\nX: y', 'b=1\nX: y', 'c=2'], site, site, 'c=2');
test('a NUL', sent, 'a=1\0', site, site, '');
test('a tab within', sent, 'a=1\t2', site, site, '');
test('DEL', sent, 'a=\u007f', site, site, '');
test('control characters in an attribute', sent, 'a=1; Path=/\r\n', site, site, '');
test('characters that are no bytes', sent, 'a=\u2028', site, site, '');
test('half a character', sent, 'a=\ud800', site, site, '');
test('longer than 8 KiB', sent, `a=${'x'.repeat(8200)}`, site, site, '');

for (const host of ['localhost', 'intranet', '127.0.0.1', '[::1]', 'a.test', 'xn--mnchen-3ya.de']) {
  test(`a host like ${host}`, sent, 'a=1', `http://${host}/`, `http://${host}/`, 'a=1');
}
test('an address is no domain', sent, 'a=1; Domain=0.0.1', 'http://127.0.0.1/', 'http://127.0.0.1/', '');

test('reserved names are hosts that get no cookies, and no error', (t) => {
  for (const host of ['example', 'test', 'invalid', 'local', 'a..b', 'a_b.org', '%41.org', 'com']) {
    const cookies = new ChainCookies();
    cookies.set(['a=1', 'b=2; Domain=example', 'c=3; Domain=..', 'd=4; Domain=[::1]'], `http://${host}/`);
    t.notRegex(cookies.header(`http://${host}/`), /[bcd]=/);
  }
});

test('cookies are kept along a chain, and each chain has its own', (t) => {
  const [one, other] = [new ChainCookies(), new ChainCookies()];
  one.set(['a=1'], 'http://a.test/');
  one.set(['b=2'], 'http://b.test/');
  t.is(one.header('http://a.test/'), 'a=1');
  t.is(one.header('http://b.test/'), 'b=2');
  t.is(other.header('http://a.test/'), '');
});

test('50 cookies are kept, not more', (t) => {
  const cookies = new ChainCookies();
  const many = Array.from({ length: 10_000 }, (_, i) => `c${i}=${i}`);
  cookies.set(many, site);
  cookies.set(['late=1'], site);
  const header = cookies.header(site);
  t.is(header.split('; ').length, 50);
  t.true(header.endsWith('c49=49'));
});

test('a cookie that is set anew at every hop is one', (t) => {
  const cookies = new ChainCookies();
  for (let hop = 0; hop < 200; hop++) cookies.set([`a=${hop}`], site);
  cookies.set(['b=1'], site);
  t.is(cookies.header(site), 'a=199; b=1');
});

test('8 KiB are sent, not more; shorter ones still fit', (t) => {
  const cookies = new ChainCookies();
  cookies.set([`a=${'x'.repeat(4000)}`, `b=${'x'.repeat(4000)}`, `c=${'x'.repeat(4000)}`, 'd=1'], site);
  const header = cookies.header(site);
  t.true(header.length <= 8192);
  t.deepEqual(
    header.split('; ').map((cookie) => cookie[0]),
    ['a', 'b', 'd'],
  );
});

test('the library is loaded with the first cookie', (t) => {
  const module = new URL('../../../src/fetch/request/chain-cookies.js', import.meta.url).href;
  const script = `
    import { createRequire } from 'node:module';
    import { ChainCookies } from '${module}';
    const loaded = () => Object.keys(createRequire('${module}').cache).some((path) => path.includes('tough-cookie'));
    const cookies = new ChainCookies();
    cookies.set([], 'http://a.test/');
    cookies.header('http://a.test/');
    const before = loaded();
    cookies.set(['a=1'], 'http://a.test/');
    console.log(before, loaded());`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  t.is(output.trim(), 'false true');
});
