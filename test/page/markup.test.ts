import test from 'ava';

import { markupOf } from '../../src/page/markup.ts';

const found = test.macro({
  exec: (t, contentType: string, body: string, expected: ReturnType<typeof markupOf>) => {
    t.is(markupOf(contentType, Buffer.from(body)), expected);
  },
  title: (what) => what ?? '',
});

test('HTML', found, 'text/html', '{}', 'html');
test('HTML with parameters, in capitals', found, ' Text/HTML ; charset=utf-8', '', 'html');
test('HTML with a parameter behind a space', found, 'text/html charset=utf-8', '', 'html');
test('the first of several types', found, 'text/html, text/plain', '', 'html');
test('XHTML', found, 'application/xhtml+xml;charset=utf-8', '<p>', 'xhtml');
test('XML', found, 'text/xml', '<html>', 'xml');
test('XML of some kind', found, 'application/rss+xml', '', 'xml');
test('what only begins like HTML', found, 'text/html5', '<html>', null);
test('other types', found, 'text/plain', '<html>', null);

test('without a type: a tag', found, '', '\ufeff\r\n <p>', 'html');
test('without a type: a declaration', found, '', '<?xml version="1.0"?><rss>', 'xml');
test('without a type: a declaration and HTML', found, '', '<?xml version="1.0"?>\n<html lang="en">', 'xhtml');
test('without a type: neither', found, ' ', '{"a": "<b>"}', null);
test('without a type: nothing', found, '', '', null);
