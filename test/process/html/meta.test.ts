import test from 'ava';

import { valueOf } from './values.ts';

const is = test.macro({
  exec: async (t, html: string, expected: string, type?: string) => {
    t.is(JSON.stringify(await valueOf('meta', html, type)), expected);
  },
  title: (what) => what ?? '',
});

test(
  'by name, property, http-equiv and itemprop',
  is,
  '<meta name=" Author " content="A &amp; B"><meta property="og:Title" content=t><meta http-equiv=Refresh content=1>' +
    '<meta itemprop="datePublished dateModified" content=d>',
  '{"author":"A & B","og:title":"t","refresh":"1","datePublished":"d","dateModified":"d"}',
);
test(
  'several',
  is,
  '<meta name=a content=1><meta name=A content=2><meta name=a content=1>',
  '{"a":["1","2","1"]}',
);
test(
  'two names for one content',
  is,
  '<meta name=a property=og:a content=1><meta name=b property=b content=2>',
  '{"a":"1","og:a":"1","b":"2"}',
);
test(
  'contents as they are written',
  is,
  '<meta name=a content=" 1\n2 "><meta name=b content="">',
  '{"a":" 1\\n2 ","b":""}',
);
test(
  'without name or content',
  is,
  '<meta charset=utf-8><meta content=1><meta name=a><meta name=" " content=1>',
  '{}',
);
test(
  'names of all objects',
  is,
  '<meta name=__proto__ content=1><meta name=constructor content=2>',
  '{"__proto__":"1","constructor":"2"}',
);
test(
  'in the body, but in no template or drawing',
  is,
  '<p><meta name=a content=1><template><meta name=b content=2></template><svg><meta name=c content=3></svg>',
  '{"a":"1","c":"3"}',
);
test(
  'XHTML',
  is,
  '<html xmlns="http://www.w3.org/1999/xhtml"><meta name="a" content="1"/></html>',
  '{"a":"1"}',
  'application/xhtml+xml',
);
test('another file', is, '{}', '""', 'application/json');
