import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string) => {
    t.is(await valueOf('text', html), expected);
  },
  title: (what) => what ?? '',
});

test('whitespace is collapsed', is, ' a\n\t b  <b> c</b> d<i>e</i> ', 'a b c de');
test('a no-break space is none', is, 'a&nbsp; &nbsp;b', 'a\u00a0 \u00a0b');
test('references are decoded', is, 'R&amp;D &lt;b> &copy &eacute;', 'R&D <b> © é');
test('a sign that begins no tag', is, 'a < b <3', 'a < b <3');
test('blocks are lines', is, 'a<div>b</div><div><ul><li>c</li> <li>d</li></ul></div>e', 'a\nb\nc\nd\ne');
test('empty blocks are not', is, '<div>a</div><div> </div><div></div><div>b</div>', 'a\nb');
test('a blank line stands around paragraphs', is, 'a<p>b</p><p>c</p><div>d</div>', 'a\n\nb\n\nc\n\nd');
test('paragraphs without an end', is, '<p>a<p>b', 'a\n\nb');
test('br begins a line', is, 'a<br>b <br> c', 'a\nb\nc');
test('two of them leave one blank', is, 'a<br><br>b', 'a\n\nb');
test('more do not', is, 'a<br><br><br><br>b<p><br>c', 'a\n\nb\n\nc');
test('one at the end of a block is none', is, '<div>a<br></div>b', 'a\nb');
test('one between blocks is a blank line', is, '<div>a</div><br><div>b</div>', 'a\n\nb');
test('hr', is, 'a<hr>b', 'a\nb');
test(
  'cells are separated by tabs',
  is,
  '<table><tr><th>a</th> <th>b</th></tr>\n<tr><td>c<td><p>d</p><td>e</table>f',
  'a\tb\nc\td\te\nf',
);
test('also empty ones', is, '<table><tr><td></td><td></td><td>a</td><td></td></tr><tr><td>b', '\t\ta\nb');
test('br in a cell', is, '<table><tr><td>a<td><br>b<br>c', 'a\tb\nc');
test('a table in a cell', is, '<table><tr><td>a<td><table><tr><td>b<td>c</table><tr><td>d', 'a\nb\tc\nd');
test('options are lines', is, '<select><option>a<option>b</select>', 'a\nb');
test('pre is kept', is, 'x<pre>\n a  b\n\n\n\tc <b> d</b>\n</pre>y z', 'x\n a  b\n\n\n\tc  d\ny z');
test('its first line end is none', is, '<pre>\n\na</pre>', 'a');
test('behind text it counts', is, 'x<pre>\n\na\n\n\n<i>b</i></pre>', 'x\n\na\n\n\nb');
test('line ends are one kind', is, '<pre>a\r\nb\rc</pre>', 'a\nb\nc');
test('xmp is text as it stands', is, '<xmp><b> &amp;</b></xmp>', '<b> &amp;</b>');
test('plaintext too', is, '<plaintext><b> &amp;</plaintext>', '<b> &amp;</plaintext>');
test('the end of pre without a pre', is, '</pre>a  b', 'a b');
test('comments', is, 'a<!-- b -->c', 'ac');
test('NUL is left out', is, 'a\0b', 'ab');

for (const name of [
  'script',
  'style',
  'noscript',
  'textarea',
  'iframe',
  'title',
  'template',
  'svg',
  'video',
  'datalist',
]) {
  test(`${name} is left out`, is, `a <${name}>b</${name}> c`, 'a c');
}
test('also one in another', is, 'a<video><video>b</video>c<script>d</script>e</video>f', 'af');
test('the head', is, '<head><title>a</title><meta name=b><style>c</style></head><body>d', 'd');
test('of a formula its notes', is, '<math><mi>x</mi><annotation>y</annotation></math> z', 'x z');
test('HTML ends a drawing', is, '<svg><g>x<p>a', 'a');
test('text without any tag', is, '<', '<');
