import test from 'ava';

import { findColumns, outcomeReader } from '../../../src/report/count/columns.ts';
import { Redirects } from '../../../src/report/count/redirects.ts';

/** The counts for rows with these cells. */
function counted(columns: string, ...rows: readonly (readonly string[])[]): Redirects {
  const names = ['site', ...columns.split(' ').map((name) => `fetch_${name}`)];
  const read = outcomeReader(findColumns({ names, header: true }, 'fetch_', 'a result'), 0, (url) => url);
  const redirects = new Redirects();
  rows.forEach((cells, index) => redirects.add(read(cells, index + 1)));
  return redirects;
}

test('a redirect is told by its chain: where it led, and that http became https', (t) => {
  const { rows, byKind, toHttps, longest, pairs } = counted(
    'status url redirect_chain',
    ['a.example', '200', 'https://a.example/', 'http://a.example/'],
    ['x', '200', 'https://www.a.example/', 'http://a.example/ https://a.example/'],
    ['x', '200', 'https://b.example/', 'https://a.example/'],
    ['x', '200', 'https://a.example/new', 'https://a.example/old'],
    ['https://a.example/', '200', 'https://a.example/', ''],
  );
  t.is(rows, 4);
  t.deepEqual(byKind, { https: 1, www: 1, otherHost: 1, sameHost: 1 });
  t.is(toHttps, 2);
  t.is(longest, 2);
  t.deepEqual(
    pairs.top(5).map(({ key, count }) => [key, count]),
    [['a.example b.example', 1]],
  );
});

test('without a chain the URL of the list tells it, as far as it says where the first request went', (t) => {
  const { rows, byKind } = counted(
    'status url',
    ['http://a.example', '200', 'https://a.example/'],
    ['http://user:secret@a.example/#part', '200', 'http://a.example/'],
    ['HTTP://A.example/%7e?q=ä', '200', 'http://a.example/%7e?q=%C3%A4'],
    ['a.example', '200', 'http://a.example/'],
    ['http://gone.example/', '', 'http://gone.example/'],
    ['not a url', '', ''],
  );
  t.is(rows, 1);
  t.deepEqual(byKind, { https: 1, www: 0, otherHost: 0, sameHost: 0 });
});

test('without either only the number of redirects is known', (t) => {
  const { rows, longest, byKind } = counted('status redirects', ['x', '200', '3'], ['x', '200', '0']);
  t.is(rows, 1);
  t.is(longest, 3);
  t.deepEqual(byKind, { https: 0, www: 0, otherHost: 0, sameHost: 0 });
});

test('without the final URL nothing is said of where a chain led', (t) => {
  const { rows, byKind } = counted('status redirect_chain', [
    'http://a.example/',
    '200',
    'http://a.example/',
  ]);
  t.is(rows, 1);
  t.deepEqual(byKind, { https: 0, www: 0, otherHost: 0, sameHost: 0 });
});

test('what moved for good is listed with its new URL, once', (t) => {
  const chain = 'http://a.example/old http://a.example/passing';
  const { moves, movedRows } = counted(
    'status url redirect_chain first_status',
    ['x', '200', 'https://a.example/', chain, '301'],
    ['x', '200', 'https://a.example/', chain, '301'],
    ['x', '200', 'https://a.example/b', 'http://a.example/b', '308'],
    ['x', '200', 'https://a.example/c', 'http://a.example/c', '302'],
  );
  t.is(movedRows, 3);
  t.deepEqual(moves, [
    { from: 'http://a.example/old', to: 'http://a.example/passing', status: 301, rows: 2 },
    { from: 'http://a.example/b', to: 'https://a.example/b', status: 308, rows: 1 },
  ]);
});

test('a first status that is no redirect tells that there was none, whatever the final URL lacks', (t) => {
  const { rows } = counted(
    'status url first_status',
    ['http://a.example/?key=secret', '200', 'http://a.example/', '200'],
    ['http://a.example/?key=secret', '404', 'http://a.example/', '404'],
    ['http://b.example/old', '200', 'http://b.example/new', '302'],
  );
  t.is(rows, 1);
});

test('where the first of several redirects led is told by their chain only', (t) => {
  const columns = 'status url redirects first_status';
  const several = counted(columns, ['http://a.example/', '200', 'https://login.example/', '3', '301']);
  t.deepEqual(several.moves, []);
  const [one] = counted(columns, ['http://a.example/', '200', 'https://a.example/', '1', '301']).moves;
  t.like(one, { from: 'http://a.example/', to: 'https://a.example/' });
});
