import test from 'ava';

import { parseNameTemplate, parseSaveWhen } from '../../src/options/saving.ts';
import type { SavedPage } from '../../src/options/saving.ts';

test('a template is text and names in braces', (t) => {
  t.deepEqual(parseNameTemplate('{label}/img-{ id }{ext}'), [
    { name: 'label' },
    { text: '/img-' },
    { name: ' id ' },
    { name: 'ext' },
  ]);
});

for (const template of [
  '',
  '/{id}',
  '../{id}',
  '{a}/../{b}',
  './{id}',
  'a//{b}',
  '{a}/',
  ' /{a}',
  'C:{id}',
  String.raw`a\{b}`,
  '{a',
  'a}',
  '{}',
  '{{a}}',
  '{a}/'.repeat(16) + 'b',
]) {
  test(`the template ${JSON.stringify(template)} is refused`, (t) => {
    t.throws(() => parseNameTemplate(template), { instanceOf: RangeError });
  });
}

const page: SavedPage = { status: 200, type: 'image/svg+xml', bytes: 1000 };

for (const [terms, expected] of [
  ['status=200,type=image/*', true],
  ['status=200, type = image/*', true],
  ['status=2xx', true],
  ['status=300-399|199-200', true],
  ['status!=200|404', false],
  ['status!=404', true],
  ['STATUS=200', true],
  ['type=IMAGE/SVG+XML', true],
  ['type=image/svg', false],
  ['type=image/svg.xml', false],
  ['type=text/*|*+xml', true],
  ['type!=image/*', false],
  ['bytes>=1kB,bytes<2kB', true],
  ['bytes>1000', false],
  ['bytes<=1000,bytes!=999', true],
  ['bytes=1000', true],
  ['bytes<1kB', false],
  ['status=404,type=image/*', false],
] as const) {
  test(`--save-when ${terms} ${expected ? 'holds' : 'does not'}`, (t) => {
    t.is(parseSaveWhen(terms)(page), expected);
  });
}

for (const [terms, message] of [
  ['', /status, type or bytes with a value is needed.*got ""/],
  ['status', /is needed/],
  ['size>1', /is needed/],
  ['constructor=1', /is needed/],
  ['status=200,', /is needed/],
  ['status>200', /compared by = or !=/],
  ['status=20', /a status like 200/],
  ['status=2xx-300', /a status like 200/],
  ['status=299-200', /holds no status/],
  ['type=image/<', /a media type like/],
  ['bytes>big', /a size like/],
  ['type=image/*,type=application/pdf', /"type=" stands twice/],
] as const) {
  test(`--save-when ${JSON.stringify(terms)} is refused`, (t) => {
    t.throws(() => parseSaveWhen(terms), { instanceOf: RangeError, message });
  });
}
