import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('lang', html), expected);
  },
  title: (what) => what ?? '',
});

test('as it is written', is, '<!doctype html><html lang="de-AT ">', 'de-AT ');
test('in capitals', is, '<HTML LANG=EN>', 'EN');
test('empty', is, '<html lang=""><html lang=de>', '');
test('none', is, '<html><body lang=de>', '');
test('xml:lang is another attribute', is, '<html xml:lang=de>', '');
test('a second html tag adds what the first one has not', is, '<html class=x><p><html lang=de>', 'de');
test('and no more than that', is, '<html lang=en><html lang=de>', 'en');
test('without a value', is, '<html lang>', '');
test('in a drawing', is, '<svg><html lang=de></svg>', '');
test('in a template', is, '<template><html lang=de></template>', '');
