import test from 'ava';

import { ChainCookies } from '../../../src/fetch/request/chain-cookies.ts';
import { readCookies } from '../../../src/fetch/request/cookie-file.ts';
import { UsageError } from '../../../src/shared/errors.ts';

const future = '4102444800';

/** `domain subdomains path secure expiry name value` */
const line = (text: string): string => text.replaceAll(' ', '\t');

const sends = test.macro({
  exec: (t, text: string, url: string, expected: string) => {
    t.is(readCookies(text, 'cookies').header(url), expected);
  },
  title: (what) => `a cookie file: ${what}`,
});

const one = line(`www.a.example.org FALSE / FALSE ${future} a 1`);
test('to the host', sends, one, 'http://www.a.example.org/x', 'a=1');
test('not to another host', sends, one, 'http://b.example.net/x', '');
test('not to a host below', sends, one, 'http://x.www.a.example.org/', '');
const wide = line(`.example.org TRUE / FALSE ${future} a 1`);
test('to the hosts below', sends, wide, 'http://www.example.org/', 'a=1');
test('to the domain itself', sends, wide, 'http://example.org/', 'a=1');
test('of a path', sends, line(`a.example.org FALSE /dir FALSE 0 a 1`), 'http://a.example.org/dir/x', 'a=1');
test(
  'not of another path',
  sends,
  line(`a.example.org FALSE /dir FALSE 0 a 1`),
  'http://a.example.org/x',
  '',
);
test('over TLS', sends, line(`a.example.org FALSE / TRUE 0 a 1`), 'https://a.example.org/', 'a=1');
test('not without TLS', sends, line(`a.example.org FALSE / TRUE 0 a 1`), 'http://a.example.org/', '');
test(
  'not when it has expired',
  sends,
  line(`a.example.org FALSE / FALSE 1 a 1`),
  'http://a.example.org/',
  '',
);
test('for scripts out of reach', sends, `#HttpOnly_${one}`, 'http://www.a.example.org/', 'a=1');
test(
  'behind comments and empty lines',
  sends,
  `# Netscape\r\n\r\n${one}\r\n`,
  'http://www.a.example.org/',
  'a=1',
);
test('an address', sends, line(`127.0.0.1 FALSE / FALSE 0 a 1`), 'http://127.0.0.1:8080/', 'a=1');
test(
  'beyond ASCII as bytes',
  sends,
  line(`a.example.org FALSE / FALSE 0 a ü`),
  'http://a.example.org/',
  'a=\u00c3\u00bc',
);
test(
  'more than a chain may set',
  sends,
  Array.from({ length: 60 }, (_, i) => line(`a.example.org FALSE / FALSE 0 n${i} v`)).join('\n'),
  'http://a.example.org/',
  Array.from({ length: 60 }, (_, i) => `n${i}=v`).join('; '),
);

test('a cookie that a redirect sets replaces that of the file, also when it takes it away', (t) => {
  const file = readCookies([one, line(`www.a.example.org FALSE / FALSE 0 b 2`)].join('\n'), 'cookies');
  const url = 'http://www.a.example.org/';
  const chain = new ChainCookies();
  t.is(chain.header(url, file), 'a=1; b=2');
  chain.set(['a=3; Path=/'], url);
  t.is(chain.header(url, file), 'b=2; a=3');
  chain.set(['b=; Path=/; Max-Age=0'], url);
  t.is(chain.header(url, file), 'a=3');
});

const refused = test.macro({
  exec: (t, text: string) => {
    t.throws(() => readCookies(`# x\n${text}`, '--cookies: F'), {
      instanceOf: UsageError,
      message: '--cookies: F: line 2: not seven fields of a cookie with tabs between them',
    });
  },
  title: (what) => `a cookie file is refused, with the line: ${what}`,
});
test('six fields', refused, line('a.test FALSE / FALSE 0 a'));
test('eight fields', refused, line('a.test FALSE / FALSE 0 a 1 2'));
test('spaces', refused, 'a.test FALSE / FALSE 0 a 1');
test('no truth', refused, line('a.test NO / FALSE 0 a 1'));
test('no time', refused, line('a.test FALSE / FALSE soon a 1'));
