import test from 'ava';

import { TooLarge } from '../../src/process/tree/limits.ts';
import { ofTree, treeOfPage } from '../../src/process/tree/page-tree.ts';
import { pageOf } from './pages.ts';

test('a page is parsed once for all who ask', (t) => {
  const page = pageOf('<p>a');
  t.is(treeOfPage(page), treeOfPage(page));
  t.not(treeOfPage(pageOf('<p>a')), treeOfPage(page));
});

test('only HTML and XML have a tree', (t) => {
  t.is(treeOfPage(pageOf('{}', 'application/json')), null);
  t.is(treeOfPage(pageOf('<a/>', 'application/xml'))?.elements.length, 1);
});

test('a page that is too deep fails whenever it is asked for, and has empty values', (t) => {
  const page = pageOf('<div>'.repeat(10_000));
  t.throws(() => treeOfPage(page), { instanceOf: TooLarge, message: /nested more than 5000/ });
  t.throws(() => treeOfPage(page), { instanceOf: TooLarge });
  t.is(ofTree(() => 'read')(page), '');
  t.is(ofTree(() => 'read')(pageOf('<div>')), 'read');
});

test('what an extractor throws is not hidden', (t) => {
  const fails = ofTree(() => {
    throw new RangeError('a bug');
  });
  t.throws(() => fails(pageOf('<p>')), { message: 'a bug' });
});
