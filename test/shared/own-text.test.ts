import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import test from 'ava';

import { ownText } from '../../src/shared/own-text.ts';

test('a part of a text is the same text', (t) => {
  t.is(ownText('a long text of a page: ä€😀'.slice(7, 27)), 'text of a page: ä€😀');
  t.is(ownText(''), '');
});

test('a part of a text does not keep the whole in memory', (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const parts = Array.from({ length: 100 }, (_, i) => ownText(`${i}${'x'.repeat(1e6)}`.slice(0, 100)));
  collect();
  t.true(process.memoryUsage().heapUsed - before < 20e6);
  t.is(parts.length, 100);
});
