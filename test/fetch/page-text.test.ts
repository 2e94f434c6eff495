import test from 'ava';

import type { Page } from '../../src/records.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

const textIs = test.macro({
  exec: async (t, body: Buffer, contentType: string, expected: string) => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, contentType === '' ? [] : ['content-type', contentType]).end(body);
    });
    const processors = [{ columns: ['text'], process: (page: Page) => ({ text: page.text() }) }];
    const { error, values } = await fetchOne(url, { processors });
    t.is(error, null);
    t.is(values['text'], expected);
  },
  title: (name) => `text(): ${name}`,
});

const latin1 = (value: string): Buffer => Buffer.from(value, 'latin1');
const utf16le = Buffer.from('\ufeffZoë', 'utf16le');
const utf16be = Buffer.from(utf16le).swap16();

test('nothing', textIs, Buffer.alloc(0), '', '');
test('UTF-8 without a charset', textIs, Buffer.from('Zoë €'), 'text/html', 'Zoë €');
test('without any type', textIs, Buffer.from('Zoë €'), '', 'Zoë €');
test('what is not UTF-8 is windows-1252', textIs, latin1('Zo\xeb \x80\x93'), 'text/html', 'Zoë €“');
test('the charset of the header', textIs, latin1('\xcf\xf0\xe8'), 'text/html; charset=windows-1251', 'При');
test(
  'the charset of the header, quoted',
  textIs,
  latin1('\xcf\xf0\xe8'),
  'text/html; charset="CP1251"',
  'При',
);
test(
  'the charset of the header over the look of the bytes',
  textIs,
  Buffer.from('ë'),
  'text/plain; charset=latin1',
  'Ã«',
);
test('Shift_JIS', textIs, latin1('\x93\xfa\x96\x7b'), 'text/html; charset=shift_jis', '日本');
test(
  'a charset that nobody knows is as none',
  textIs,
  Buffer.from('Zoë'),
  'text/html; charset=klingon',
  'Zoë',
);
test(
  'a charset that nobody knows, and not UTF-8',
  textIs,
  latin1('Zo\xeb'),
  'text/html; charset=klingon',
  'Zoë',
);
test(
  'bytes that the charset of the header has not',
  textIs,
  latin1('Zo\xeb!'),
  'text/html; charset=utf-8',
  'Zo\ufffd!',
);
test('a byte order mark is taken off', textIs, Buffer.from('\ufeffZoë'), 'text/html', 'Zoë');
test(
  'a byte order mark over the header: UTF-8',
  textIs,
  Buffer.from('\ufeffZoë'),
  'a/b; charset=latin1',
  'Zoë',
);
test('a byte order mark over the header: UTF-16 LE', textIs, utf16le, 'text/html; charset=utf-8', 'Zoë');
test('a byte order mark over the header: UTF-16 BE', textIs, utf16be, 'text/html; charset=utf-8', 'Zoë');
test('half a byte order mark is none: FF', textIs, latin1('\xffab'), 'text/html', 'ÿab');
test('half a byte order mark is none: second FE', textIs, latin1('a\xfeb'), 'text/html', 'aþb');
test('half a byte order mark is none: FE', textIs, latin1('\xfeab'), 'text/html', 'þab');
test('half a byte order mark is none: second FF', textIs, latin1('a\xffb'), 'text/html', 'aÿb');
test('half a byte order mark is none: EF', textIs, latin1('\xefab'), 'text/html', 'ïab');
test('half a byte order mark is none: EF BB', textIs, latin1('\xef\xbba'), 'text/html', 'ï»a');
test('half a byte order mark is none: BB BF', textIs, latin1('a\xbb\xbf'), 'text/html', 'a»¿');
test('only its beginning is a byte order mark', textIs, latin1('a\xff\xfe'), 'text/html', 'aÿþ');

/** Cyrillic by windows-1251, and nothing that reads by windows-1252 or UTF-8. */
const russian = '\xcf\xf0\xe8';
const html = test.macro({
  exec: async (t, head: string, expected: string, contentType: string = 'text/html') => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, { 'content-type': contentType }).end(latin1(`${head}<p>${russian}`));
    });
    const processors = [{ columns: ['end'], process: (page: Page) => ({ end: lastOf(page.text()) }) }];
    const { values } = await fetchOne(url, { processors });
    t.is(values['end'], expected);
  },
  title: (name) => `text() of HTML: ${name}`,
});

test('the charset of a meta element', html, '<meta charset="windows-1251">', 'При');
test('in capitals and without quotes', html, '<!DOCTYPE html><META id=x CHARSET=CP1251 />', 'При');
test('in single quotes, with spaces', html, "<meta\ncharset = ' windows-1251 '>", 'При');
test('in the form of a header', html, '<meta http-equiv=x content="text/html; charset=windows-1251">', 'При');
test('of XHTML', html, '<meta charset="windows-1251"/>', 'При', 'application/xhtml+xml');
test('the header goes before it', html, '<meta charset="windows-1251">', 'Ïðè', 'text/html; charset=latin1');
test('nobody knows it', html, '<meta charset="klingon">', 'Ïðè');
test('it says UTF-16, which it cannot be', html, '<meta charset="utf-16le">', '\ufffd\ufffd\ufffd');
test('it stands in a comment', html, '<!-- <meta charset="windows-1251"> -->', 'Ïðè');
test('it stands after a comment', html, '<!-- a\n > --><meta charset="windows-1251"><!-- b -->', 'При');
test('it ends within the first 1024 bytes', html, `${'x'.repeat(995)}<meta charset="windows-1251">`, 'При');
test('it begins after the first 1024 bytes', html, `${'x'.repeat(1024)}<meta charset="windows-1251">`, 'Ïðè');
test('another element has one', html, '<metadata charset="windows-1251"><script charset=cp1251>', 'Ïðè');
test('it is no HTML', html, '<meta charset="windows-1251">', 'Ïðè', 'text/plain');

test(
  'a byte order mark goes before a meta element',
  textIs,
  Buffer.from('\ufeff<meta charset=cp1251>ë'),
  'text/html',
  '<meta charset=cp1251>ë',
);

function lastOf(text: string): string | undefined {
  return text.split('<p>').at(-1);
}
