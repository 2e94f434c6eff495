import test from 'ava';

import { parseTarget } from '../../../src/fetch/request/target.ts';
import type { Target } from '../../../src/fetch/request/target.ts';
import { drawn, randomNumbers } from '../../helpers/random.ts';

const origins =
  'http://a.test https://a.test http://a.test:80 https://a.test:8443 http://A.test http://a.test. http://u:p@a.test http://127.1 http://[::1]:81 http://bücher.test http:\\\\a.test HTTP://a.test'.split(
    ' ',
  );
const pieces = [
  ..."a b1 / / / . .. /. /./ /../ %2e %2E%2e %zz % ? ? # & = + ' < ` | ^ { \\ é 😀 : @ ; ~ [ * ( , ! $".split(
    ' ',
  ),
  '"',
  ' ',
  '\t',
  '\n',
];

test('a URL of an origin that was read before is read as any other', (t) => {
  const below = randomNumbers(29);
  let plain = 0;
  for (let round = 0; round < 20_000; round++) {
    const [origin = ''] = drawn(below, origins, 1);
    const text = `${origin}${below(4) === 0 ? '' : '/'}${drawn(below, pieces, below(6)).join('')}`;
    parseTarget(`${origin}/`);
    const url = urlOf(text);
    const target = parseTarget(text);
    const told = 'error' in target ? target : withoutLogin(target);
    if (url === null) t.deepEqual(told, { error: 'invalid-url', detail: 'not a URL' }, text);
    else {
      if (url.href === text) plain++;
      const hasLogin = url.username + url.password !== '';
      Object.assign(url, { username: '', password: '' });
      const { href, origin: itsOrigin, hostname: host, pathname, search } = url;
      const expected = { href, origin: itsOrigin, host, path: pathname + search, hasLogin };
      if (JSON.stringify(told) !== JSON.stringify(expected)) t.deepEqual(told, expected, text);
    }
  }
  t.true(plain > 2000, `${plain} URLs were plain`);
});

function withoutLogin({
  authorization,
  ...rest
}: Target): Omit<Target, 'authorization'> & { hasLogin: boolean } {
  return { ...rest, hasLogin: authorization !== '' };
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
