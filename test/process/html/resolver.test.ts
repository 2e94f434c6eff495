import test from 'ava';

import { Resolver, isAbsolute } from '../../../src/process/html/resolver.ts';
import { drawn, randomNumbers } from '../../helpers/random.ts';

const parts =
  '.. . / // \\ : ? # % %2e %2E. %41 @ \' " ` ^ | a B 1 x.html é 😀 { [ < & = + ~ - ; , ../ ../../ ./ http:'
    .split(' ')
    .concat(' ', '\t');

function parsed(href: string, base: string): string {
  try {
    return new URL(href, base).href;
  } catch {
    return href;
  }
}

const agrees = test.macro({
  exec: (t, base: string) => {
    const below = randomNumbers(1);
    const resolver = new Resolver(base, null, 1e9);
    for (let round = 0; round < 20_000; round++) {
      const href = drawn(below, parts, 1 + below(7)).join('');
      const expected = parsed(href, base);
      if (resolver.resolve(href) !== expected) t.fail(`${JSON.stringify(href)} is ${resolver.resolve(href)}`);
    }
    t.pass();
  },
  title: (_, base: string) => `URLs are the same as parsed ones, on ${base}`,
});

test(agrees, 'http://h.example/a/b/c.html?x/y#z/../w');
test(agrees, 'https://h.example');
test(agrees, 'http://u:p@h.example:8080//a//b//?x');
test(agrees, 'http://h.example/a#');
test(agrees, 'file:///C:/a/b');

test('a very long URL', (t) => {
  const href = 'a/'.repeat(1_000_000);
  t.is(new Resolver('http://h/', null, href.length).resolve(href), `http://h/${href}`);
});

test('a base that makes the links many times as long as the page is refused', (t) => {
  const base = `http://h/${'x'.repeat(100_000)}/`;
  const resolver = new Resolver(base, null, 200_000);
  t.throws(
    () => {
      for (let i = 0; i < 1000; i++) resolver.resolve('a');
    },
    { instanceOf: RangeError, message: /many times as long/ },
  );
});

test('what is absolute', (t) => {
  t.deepEqual(
    ['http://a', ' HTTPS://a', 'x-y+z.1://', 'http:a', '//a', '/a://', '1://a', ''].map(isAbsolute),
    [true, true, true, false, false, false, false, false],
  );
});
