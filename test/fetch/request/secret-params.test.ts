import test from 'ava';

import { secretParams, withoutSecrets } from '../../../src/fetch/request/secret-params.ts';

const value = 'c4n4ry/+key';
const own = `https://api.example/items?q=1&key=${encodeURIComponent(value)}&page=2`;
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
  'the value alone, decoded': [`the key ${value} is used up`, 'the key *** is used up'],
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
