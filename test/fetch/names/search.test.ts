import test from 'ava';

import { candidates } from '../../../src/fetch/names/search.ts';

test('with fewer dots than ndots a name is searched for first', (t) => {
  const config = { search: ['x.test', 'y.test'], ndots: 2 };
  t.deepEqual(candidates('a.b', config), ['a.b.x.test', 'a.b.y.test', 'a.b']);
});

test('with enough dots it is asked for first', (t) => {
  const config = { search: ['x.test', 'y.test'], ndots: 2 };
  t.deepEqual(candidates('a.b.c', config), ['a.b.c', 'a.b.c.x.test', 'a.b.c.y.test']);
});

test('a dot at the end says that a name is complete', (t) => {
  t.deepEqual(candidates('a.b.', { search: ['x.test'], ndots: 5 }), ['a.b']);
});

test('the root as a search domain is the name as it is, in its place', (t) => {
  t.deepEqual(candidates('a.b', { search: ['', 'x.test'], ndots: 5 }), ['a.b', 'a.b.x.test']);
});

test('a name that would be too long is none', (t) => {
  const name = 'a.'.repeat(120) + 'test';
  t.deepEqual(candidates(name, { search: ['b.test', 'corp.example.test'], ndots: 1 }), [
    name,
    `${name}.b.test`,
  ]);
});
