import test from 'ava';

import { decodeText, encodingOf, loadEncodings, markedEncoding } from '../../src/page/encodings.ts';

test.before(loadEncodings);

/**
 * From the Encoding Standard, section 4.2: names, other labels, and bytes that distinguish the encoding from
 * others.
 */
const names: readonly [name: string, labels: string, hex: string, text: string][] = [
  ['UTF-8', 'unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8', 'e282ac', '€'],
  ['IBM866', '866 cp866 csibm866', '8fe01a1c7f', 'Пр\u001a\u001c\u007f'],
  [
    'ISO-8859-2',
    'csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2',
    'b1e6',
    'ąć',
  ],
  [
    'ISO-8859-3',
    'csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3',
    'a1a5',
    'Ħ\ufffd',
  ],
  [
    'ISO-8859-4',
    'csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4',
    'a2b3',
    'ĸŗ',
  ],
  [
    'ISO-8859-5',
    'csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988',
    'bfe0',
    'Пр',
  ],
  [
    'ISO-8859-6',
    'arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 ' +
      'iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987',
    'c7',
    'ا',
  ],
  [
    'ISO-8859-7',
    'csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 ' +
      'sun_eu_greek',
    'a4c1',
    '€Α',
  ],
  [
    'ISO-8859-8',
    'csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 visual',
    'e0',
    'א',
  ],
  ['ISO-8859-8-I', 'csiso88598i logical', 'e0', 'א'],
  ['ISO-8859-10', 'csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6', 'a1a2', 'ĄĒ'],
  ['ISO-8859-13', 'iso8859-13 iso885913', 'a1c0', '”Ą'],
  ['ISO-8859-14', 'iso8859-14 iso885914', 'a1', 'Ḃ'],
  ['ISO-8859-15', 'csisolatin9 iso8859-15 iso885915 iso_8859-15 l9', 'a4bd', '€œ'],
  ['ISO-8859-16', '', 'a2a4a5', 'ą€„'],
  ['KOI8-R', 'cskoi8r koi koi8 koi8_r', 'f0d2ae', 'Пр╝'],
  ['KOI8-U', 'koi8-ru', 'f0d2ae', 'Прў'],
  ['macintosh', 'csmacintosh mac x-mac-roman', '80db', 'Ä€'],
  ['windows-874', 'dos-874 iso-8859-11 iso8859-11 iso885911 tis-620', '80a1db', '€ก\ufffd'],
  ['windows-1250', 'cp1250 x-cp1250', '9cb9', 'śą'],
  ['windows-1251', 'cp1251 x-cp1251', 'cff0', 'Пр'],
  [
    'windows-1252',
    'ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 ' +
      'iso_8859-1:1987 l1 latin1 us-ascii x-cp1252',
    '80939feb',
    '€“Ÿë',
  ],
  ['windows-1253', 'cp1253 x-cp1253', '80c1aa', '€Α\ufffd'],
  [
    'windows-1254',
    'cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254',
    '80f0fe',
    '€ğş',
  ],
  ['windows-1255', 'cp1255 x-cp1255', 'e0ca', 'א\u05ba'],
  ['windows-1256', 'cp1256 x-cp1256', '80c7', '€ا'],
  ['windows-1257', 'cp1257 x-cp1257', '80e0', '€ą'],
  ['windows-1258', 'cp1258 x-cp1258', '80d2fd', '€\u0309ư'],
  ['x-mac-cyrillic', 'x-mac-ukrainian', '80a2ff', 'АҐ€'],
  [
    'GBK',
    'chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk',
    'c4e380a2e39532823641',
    '你€€\u{20000}A',
  ],
  ['gb18030', '', 'c4e3809532823641', '你€\u{20000}A'],
  ['Big5', 'big5-hkscs cn-big5 csbig5 x-x-big5', 'a4a487408862', '中䏰Ê̄'],
  ['EUC-JP', 'cseucpkdfmtjapanese x-euc-jp', 'c6fc8eb18fb0a1', '日ｱ丂'],
  ['ISO-2022-JP', 'csiso2022jp', '1b2442467c1b2842', '日'],
  [
    'Shift_JIS',
    'csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis',
    '93fab1801a1c7f',
    '日ｱ\u0080\u001a\u001c\u007f',
  ],
  [
    'EUC-KR',
    'cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949',
    'b0a181418c63',
    '가갂똠',
  ],
  ['replacement', 'csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr', '616263ff', '\ufffd'],
  ['UTF-16BE', 'unicodefffe', '20acd83dde00', '€😀'],
  ['UTF-16LE', 'csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16', 'ac203dd800de', '€😀'],
  ['x-user-defined', '', '4180ff', 'A\uf780\uf7ff'],
];

for (const [name, labels, hex, text] of names) {
  test(`${name}: its labels and its characters`, (t) => {
    for (const label of [name, ...labels.split(' ').filter((word) => word !== '')]) {
      t.is(encodingOf(label), name, label);
      t.is(encodingOf(`\t\n\f\r ${label.toUpperCase()} `), name, label);
    }
    t.is(decodeText(Buffer.from(hex, 'hex'), name), text);
  });
}

test('there are 40 encodings with 228 labels', (t) => {
  const labels = names.flatMap(([name, more]) => [name.toLowerCase(), ...more.split(' ')]);
  t.is(names.length, 40);
  t.is(new Set(labels.filter((label) => label !== '')).size, 228);
});

const unknown = test.macro({
  exec: (t, label: string) => t.is(encodingOf(label), null),
  title: (what) => `no browser knows ${what}`,
});

test('an invented label', unknown, 'klingon');
test('UTF-7', unknown, 'utf-7');
test('UTF-32', unknown, 'utf-32');
test('an empty label', unknown, '');
test('a label in quotation marks', unknown, "'utf-8'");
test('a label between spaces that are not of ASCII', unknown, '\u00a0utf-8');
test('a label with letters that look like others', unknown, 'utf-8\u0131');
test('a name that all objects have', unknown, 'constructor');
test('a name that all prototypes have', unknown, '__proto__');

const decodes = test.macro({
  exec: (t, hex: string, encoding: string, text: string) => {
    // At an odd address, as parts of a body can be.
    const bytes = Buffer.concat([Buffer.alloc(1), Buffer.from(hex, 'hex')]).subarray(1);
    t.is(decodeText(bytes, encoding), text);
  },
  title: (what) => `decoding: ${what}`,
});

test('nothing', decodes, '', 'UTF-8', '');
test('nothing, by the replacement encoding', decodes, '', 'replacement', '');
test('a mark is taken off', decodes, 'efbbbf61', 'UTF-8', 'a');
test('only the first of two marks is taken off', decodes, 'efbbbfefbbbf61', 'UTF-8', '\ufeffa');
test('a mark goes before the encoding', decodes, 'fffe6100', 'windows-1251', 'a');
test('a character cut off at the end: UTF-8', decodes, '61e282', 'UTF-8', 'a\ufffd');
test('a character cut off at the end: UTF-16', decodes, '610062', 'UTF-16LE', 'a\ufffd');
test('a surrogate pair cut off at the end', decodes, '61003dd8', 'UTF-16LE', 'a\ufffd');
test('a surrogate without its other half', decodes, '00de6100', 'UTF-16LE', '\ufffda');
test('a character cut off at the end: Shift_JIS', decodes, '6193', 'Shift_JIS', 'a\ufffd');
test('a character cut off at the end: gb18030', decodes, '61953282', 'gb18030', 'a\ufffd');
test('a character cut off at the end: EUC-KR', decodes, '61b0', 'EUC-KR', 'a\ufffd');
test('bytes that are no character: UTF-8', decodes, '61c08062', 'UTF-8', 'a\ufffd\ufffdb');
test('a surrogate in UTF-8 is three errors', decodes, 'eda080', 'UTF-8', '\ufffd\ufffd\ufffd');
test('a tag behind half a character is kept: Shift_JIS', decodes, '813c62', 'Shift_JIS', '\ufffd<b');
test('a tag behind half a character is kept: Big5', decodes, '813c62', 'Big5', '\ufffd<b');
test('a tag behind half a character is kept: EUC-KR', decodes, '813c62', 'EUC-KR', '\ufffd<b');
test('a tag behind half a character is kept: EUC-JP', decodes, '8f3c62', 'EUC-JP', '\ufffd<b');
test('a tag behind half a character is kept: GBK', decodes, '813c62', 'GBK', '\ufffd<b');

test('windows-1252 has what Latin-1 has not, and Latin-1 where it has nothing itself', (t) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const from80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
  const expected = bytes.toString('latin1', 0, 0x80) + from80 + bytes.toString('latin1', 0xa0);
  t.is(decodeText(bytes, 'windows-1252'), expected);
});

test('UTF-16 is decoded at any length and address', (t) => {
  for (let length = 0; length < 40; length++) {
    const text = 'aé€😀'.repeat(10).slice(0, length).toWellFormed();
    const little = Buffer.from(text, 'utf16le');
    for (let offset = 0; offset < 4; offset++) {
      const at = Buffer.alloc(little.length + offset);
      little.copy(at, offset);
      t.is(decodeText(at.subarray(offset), 'UTF-16LE'), text);
      at.subarray(offset).swap16();
      t.is(decodeText(at.subarray(offset), 'UTF-16BE'), text);
    }
  }
});

const marks = test.macro({
  exec: (t, hex: string, encoding: string | null) => {
    t.is(markedEncoding(Buffer.from(hex, 'hex')), encoding);
  },
  title: (what) => `byte order mark: ${what}`,
});

test('UTF-8', marks, 'efbbbf', 'UTF-8');
test('UTF-16, low byte first', marks, 'fffe', 'UTF-16LE');
test('UTF-16, high byte first', marks, 'feff61', 'UTF-16BE');
test('that of UTF-32 begins as that of UTF-16', marks, 'fffe0000', 'UTF-16LE');
test('none in nothing', marks, '', null);
test('half of UTF-16', marks, 'ff', null);
test('the other half of UTF-16', marks, 'fe61', null);
test('two thirds of UTF-8', marks, 'efbb61', null);
test('not at the beginning', marks, '61fffe', null);
