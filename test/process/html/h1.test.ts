import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('h1', html), expected);
  },
  title: (what) => what ?? '',
});

test('its text, of all elements in it', is, '<h1>a <a href=x>b<i>c</i></a> d</h1>e', 'a bc d');
test('whitespace is collapsed, a no-break space is kept', is, '<h1>\n a&nbsp; \r\n b </h1>', 'a\u00a0 b');
test('the first one', is, '<h1>a</h1><h1>b</h1>', 'a');
test('also when it is empty', is, '<h1><img src=x></h1><h1>b</h1>', '');
test('other headings are none', is, '<h2>a</h2><h1>b</h1>', 'b');
test('it goes to the end', is, '<h1>a<p>b', 'ab');
test('comments are no text', is, '<h1>a<!-- b --></h1>', 'a');
test('scripts are, for textContent', is, '<h1>a<script>b<c></script></h1>', 'ab<c>');
test('templates are not', is, '<h1>a<template>b</template>c</h1>', 'ac');
test('drawings are', is, '<h1><svg><title>Logo</title></svg> a</h1>', 'Logo a');
test('a drawing has no h1', is, '<svg><title>x</title></svg><h1>a</h1>', 'a');
test('the end tag of any heading ends it', is, '<h1>a</h3>b</h1>', 'a');
test('another heading ends it', is, '<h1>a<h2>b</h2>c</h1>', 'a');
test('a heading deeper within does not', is, '<h1>a<div><h2>b</h2>c</div></h1>d', 'abc');
test('the end of a block around it does', is, '<div><h1>a</div>b</h1>', 'a');
test('the end of a block within it does not', is, '<div><h1>a<div>b</div>c</h1>d</div>', 'abc');
test('a cell ends with the next', is, '<table><tr><td><h1>a<td>b</table>', 'a');
test('the end of what is inline does not', is, '<a><h1>a</a>b</h1>', 'ab');
test('an element that is not closed within a block ends with it', is, '<h1><div><ul>a</div>b</h1>c', 'ab');
test('the end of a block that is not around it does not', is, '<div></div><h1>a</div>b</h1>c', 'ab');
test('a cell without a table is none', is, '<h1>a<td>b</td>c</h1>', 'abc');
test('the end of a form does not end what is in it', is, '<form><h1>a</form>b</h1>c', 'ab');
test('a heading in a form within it does not end it', is, '<h1>a<form><h2>b</h2></form>c</h1>d', 'abc');
