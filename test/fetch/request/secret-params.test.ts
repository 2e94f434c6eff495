import test from 'ava';

import { JsonText } from '../../../src/shared/json-text.ts';
import type { Value } from '../../../src/shared/records.ts';
import { resultOf, tableOf } from '../../write/samples.ts';
import {
  resultWithoutSecrets,
  secretParams,
  withoutSecrets,
} from '../../../src/fetch/request/secret-params.ts';

const key = 'c4n4ry/+key';
const own = `https://api.example/items?q=1&key=${encodeURIComponent(key)}&page=2`;
const secrets = secretParams(['key', 'api key'], own);

const texts: Readonly<Record<string, readonly [text: string, shown: string]>> = {
  'the only parameter': ['https://a.example/?key=abc', 'https://a.example/'],
  'the first of several': ['https://a.example/?key=abc&b=1', 'https://a.example/?b=1'],
  'one in the middle': ['https://a.example/?a=1&key=abc&b=2#part', 'https://a.example/?a=1&b=2#part'],
  'the last one': ['https://a.example/?a=1&key=abc#key', 'https://a.example/?a=1#key'],
  'one that comes twice': ['https://a.example/?key=abc&a=1&key=def', 'https://a.example/?a=1'],
  'a name that is encoded otherwise': ['https://a.example/?k%65y=abc&a=1', 'https://a.example/?a=1'],
  'a name with a blank': ['https://a.example/?api+key=abc&api%20key=d&a', 'https://a.example/?a'],
  'one without a value': ['https://a.example/?key&a=1', 'https://a.example/?a=1'],
  'other names': [
    'https://a.example/?monkey=1&keys=2&KEY=3&%zz=4',
    'https://a.example/?monkey=1&keys=2&KEY=3&%zz=4',
  ],
  'a path that looks like it': ['https://a.example/key=abc', 'https://a.example/key=abc'],
  'several URLs in a text': ['see "/a?key=x", <b?key=y&amp;c=1> and /d?key=z', 'see "/a", <b?c=1> and /d'],
  'references in HTML': ['href="/?a=1&amp;key=abc&amp;b=2"', 'href="/?a=1&b=2"'],
  'JSON in JSON': ['{"u":"/?a=1&key=abc\\nnext"}', '{"u":"/?a=1\\nnext"}'],
  'the value alone, decoded': [`the key ${key} is used up`, 'the key *** is used up'],
  'the value alone, as it was sent': ['no such key: c4n4ry%2F%2Bkey', 'no such key: ***'],
  'the value in the URL of a login page': [
    `https://a.example/login?next=${encodeURIComponent('/items?q=1&key=c4n4ry%2F%2Bkey')}`,
    'https://a.example/login?next=%2Fitems%3Fq%3D1%26key%3D***',
  ],
};

for (const [what, [text, shown]] of Object.entries(texts)) {
  test(`hidden in a text: ${what}`, (t) => {
    t.is(withoutSecrets(text, secrets), shown);
  });
}

test('a short value is hidden only behind its name', (t) => {
  const short = secretParams(['key'], 'https://a.example/?key=page');
  t.is(withoutSecrets('page of /?key=page', short), 'page of /');
});

test('a plus may be a space', (t) => {
  const spaced = secretParams(['key'], 'https://a.example/?key=abcd+efghij');
  for (const form of ['abcd efghij', 'abcd+efghij', 'abcd%20efghij', 'abcd%2Befghij'])
    t.is(withoutSecrets(`for ${form}.`, spaced), 'for ***.', form);
});

/** How a page's value is written for a URL with this key. */
function written(secret: string, value: Value): Value {
  const result = resultOf(tableOf('url'), ['a'], { values: { x: value } });
  const row = { ...result.row, url: `https://a.example/?key=${secret}` };
  return resultWithoutSecrets({ ...result, row }, ['key']).values['x'];
}

test('values of every kind are hidden', (t) => {
  t.deepEqual(written('1234567890', { acct: 1_234_567_890, 1234567890: [true, null, 12] }), {
    acct: '***',
    '***': [true, null, 12],
  });
  t.is(written('1234567890', 1_234_567_890), '***');
  t.deepEqual(written('1234567890', new JsonText('[1,{"k":1234567890}]')), [1, { k: '***' }]);
  t.deepEqual(written('ab%22cdefghij', { u: 'ab"cdefghij!' }), { u: '***!' });
  t.deepEqual(written('abcdefghij', { u: '/?key=abcdefghij&b=1' }), { u: '/?b=1' });
});

test('values in which nothing is to be hidden stay as they are', (t) => {
  const text = new JsonText('{"n":1.0}');
  for (const value of [text, [1, 'a'], { a: {} }, 7, true, null, undefined, '', 'text'] as const)
    t.is(written('abcdefghij', value), value);
});
