import test from 'ava';

import type { Page } from '../../src/shared/records.ts';
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
test('UTF-8 without a charset', textIs, Buffer.from('Zoë €'), 'text/plain', 'Zoë €');
test('HTML without a charset', textIs, Buffer.from('Zoë'), 'text/html', 'Zoë');
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
  'text/plain; charset=klingon',
  'Zoë',
);
test(
  'a charset that nobody knows, and not UTF-8',
  textIs,
  latin1('Zo\xeb'),
  'text/plain; charset=klingon',
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

test(
  'a byte order mark goes before a meta element',
  textIs,
  Buffer.from('\ufeff<meta charset=cp1251>ë'),
  'text/html',
  '<meta charset=cp1251>ë',
);
test(
  'the charset of a meta element',
  textIs,
  latin1('<meta charset=cp1251>\xcf\xf0\xe8'),
  'text/html',
  '<meta charset=cp1251>При',
);
test('Korean syllables that EUC-KR got late', textIs, latin1('\x8cc'), 'text/html; charset=euc-kr', '똠');
test('characters of Hong Kong', textIs, latin1('\x87\x40'), 'text/html; charset=big5', '䏰');
test(
  'what is dangerous to decode',
  textIs,
  latin1('\x1b$)C<script>'),
  'text/html; charset=iso-2022-kr',
  '\ufffd',
);
test('what is no text by its type', textIs, latin1('Zo\xeb'), 'image/png', 'Zoë');
