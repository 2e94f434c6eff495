import test from 'ava';

import { growth, linear } from '../helpers/steps.ts';
import { selectProcessor } from '../../src/process/select.ts';
import { readJson } from '../../src/process/html/json-mending.ts';
import { pageOf } from './pages.ts';

/**
 * A page with some hundred repetitions of a part: the cost must grow linearly with its length, however the
 * tags are repaired.
 */
const isRead = test.macro({
  exec: async (t, html: (count: number) => string, type: string = 'text/html') => {
    const processor = selectProcessor([
      'a*=b:nth-child(2n of p b, b)',
      'c=:has(q)',
      'd*=div p > b@id',
      'e=:lang(x)',
    ]);
    const ratio = await growth(200, (count) => {
      t.is(Object.keys(processor.process(pageOf(html(count), type))).length, 4);
    });
    t.true(ratio < linear, `eight times as much takes ${ratio.toFixed(1)} times as many steps`);
  },
  title: (what) => what ?? '',
});

test.serial('many that a table does not take', isRead, (n) => `<table>${'x<b></b>'.repeat(n)}`);
test.serial('many formatting elements at once', isRead, (n) => '<b><p>'.repeat(20) + '</b>x'.repeat(n));
test.serial('many children that change their parent', isRead, (n) => `<b><div>${'<i></i>'.repeat(n)}</b>`);
test.serial(
  'many attributes',
  isRead,
  (n) => `<p ${Array.from({ length: n }, (_, i) => `a${i}`).join(' ')}>`,
);
test.serial('many siblings', isRead, (n) => '<b id=x></b><i></i>'.repeat(n));
test.serial('many selects', isRead, (n) => '<select><option>'.repeat(n));
test.serial(
  'many names in XML',
  isRead,
  (n) => '<a xmlns:b="c"><b:d/></a>'.repeat(n),
  'application/xhtml+xml',
);
test.serial('sections in XHTML', isRead, (n) => `<p>${'<![CDATA['.repeat(n)}&amp;`, 'application/xhtml+xml');

test.serial('JSON that has to be mended', async (t) => {
  for (const part of ['<!--', '/*', '//\n', ',', '"', '[', '{<!-- ', '&quot;', ';', ' ', '<![CDATA[']) {
    const ratio = await growth(2000, (count) => {
      t.throws(() => readJson(part.repeat(count)));
    });
    t.true(ratio < linear, part);
  }
});
