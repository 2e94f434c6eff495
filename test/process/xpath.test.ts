import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { xpathProcessor } from '../../src/process/xpath.ts';
import { pageOf } from './pages.ts';

const shop = `<!doctype html><html lang=de><title>Shop</title><ul><li class=a>One<li>Two <b>x</b><li><a href=/3>Three</a></ul>
<table><tr><td>1<td>2<tr><td>3</table><svg viewBox="0"><title>icon</title><foreignObject/></svg><!-- note -->`;

const gives = test.macro({
  exec: (t, said: string, expected: unknown, body: string = shop, type: string = 'text/html') => {
    const processor = xpathProcessor([said]);
    t.deepEqual(processor.process(pageOf(body, type)), { [processor.columns[0] ?? '']: expected });
  },
  title: (what, said: string) => `${what}: ${said}`,
});

test('text of the first node', gives, 'x=//li', 'One');
test('of all', gives, 'x*=//li', ['One', 'Two x', 'Three']);
test('an attribute', gives, 'x=//a/@href', '/3');
test('all attributes', gives, 'x*=//@class', ['a']);
test('text nodes', gives, 'x*=//li/text()', ['One', 'Two']);
test('the elements that browsers add', gives, 'x*=/html/body/table/tbody/tr[1]/td', ['1', '2']);
test('case of names does not matter', gives, 'x=//LI[2]/B', 'x');
test('positions', gives, 'x=//li[last()]', 'Three');
test('conditions', gives, 'x=//li[contains(., "Tw") and not(@class)]', 'Two x');
test('axes', gives, 'x=//b/ancestor::li/following-sibling::li[1]', 'Three');
test('in the order of the page', gives, 'x*=//td[3] | //b | //li[1] | //td[1]', ['One', 'x', '1', '3']);
test('drawings', gives, 'x=//svg/@viewBox', '0');
test('drawings by their namespace', gives, 'x=//svg:title', 'icon');
test('comments', gives, 'x=//comment()', 'note');
test('a number', gives, 'x=count(//li)', 3);
test('what is no number', gives, 'x=number("a")', null);
test('a string', gives, 'x=normalize-space(//li[2])', 'Two x');
test('a truth', gives, 'x=boolean(//h1)', false);
test('in a list', gives, 'x*=count(//li)', [3]);
test('nothing', gives, 'x=//h1', null);
test('none', gives, 'x*=//h1', []);
test('language', gives, 'x=//li[lang("de")]', 'One');
test('an ID', gives, 'x=id("i")', 'b', '<p>a<p id=i>b');
test('a page that has no elements', gives, 'x=//li', null, '{}', 'application/json');
test(
  'XML',
  gives,
  'x=//Item/m:t',
  'b',
  '<r xmlns:m="urn:m"><Item><t>a</t><m:t>b</m:t></Item></r>',
  'text/xml',
);
test(
  'XHTML',
  gives,
  'x=//head/title/following::p',
  'a',
  '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><p>a</p></html>',
  'application/xhtml+xml',
);
test('a deep page', gives, 'x=count(//div)', 4000, '<div>'.repeat(4000));

const refuses = test.macro({
  exec: (t, said: string) => {
    t.throws(() => xpathProcessor([said]), { instanceOf: UsageError, message: /^--xpath: / });
  },
  title: (_, said: string) => `refused: ${said}`,
});

test(refuses, 'x=//li[');
test(refuses, 'x=//');
test(refuses, '*=//li');
