import test from 'ava';

import { distinct, keyOf } from '../../../src/process/html/distinct.ts';
import { valueOf } from './values.ts';

test('each text stays once, where it came first', (t) => {
  const long = 'x'.repeat(20_000);
  t.deepEqual(distinct(['b', 'a', 'b', `${long}1`, `${long}2`, `${long}1`]), [
    'b',
    'a',
    `${long}1`,
    `${long}2`,
  ]);
});

test('a long text has a short key, and a short one is its own', (t) => {
  t.is(keyOf('a'), 'a');
  const [one, other] = ['1', '2'].map((end) => keyOf(`${'x'.repeat(16_383)}${end}`));
  t.not(one, other);
  t.true((one ?? '').length < 100);
});

/** Of this page some links are long, which have such keys, and one comes twice. */
const page = (rel: string): string => {
  const links = ['1', '2', '1'].map(
    (end) => `<link rel=alternate ${rel} href="/${'x'.repeat(20_000)}${end}">`,
  );
  return `<title>a</title>${links.join('')}`;
};

test('long feeds are given once', async (t) => {
  t.is(((await valueOf('feeds', page('type=application/rss+xml'))) as unknown[]).length, 2);
});

test('long links to other languages are given once', async (t) => {
  t.is(((await valueOf('hreflang', page('hreflang=de'))) as unknown[]).length, 2);
});
