import test from 'ava';

import { valueOf } from './values.ts';

const rest = '<frame src=a></frameset><body><h1>x</h1><a href=/1>y</a></body>';

const linksAre = test.macro({
  exec: async (t, before: string, expected: readonly string[]) => {
    const links = expected.map((path) => `http://example.org${path}`);
    t.deepEqual(await valueOf('links', `${before}<frameset>${rest}`), links);
  },
  title: (what) => what ?? '',
});

test('what follows a frameset is dropped', linksAre, '<!doctype html><title>t</title>', []);
test('and what the body had before', linksAre, '<p><a href=/0></a><div>\n', []);
test('behind text it is none itself', linksAre, '<a href=/0>x</a>', ['/0', '/1']);
test('behind a body', linksAre, '<body>', ['/1']);
test('behind an image', linksAre, '<div><img src=x></div>', ['/1']);
test('behind a field', linksAre, '<input>', ['/1']);
test('behind a hidden field', linksAre, '<input type=Hidden>', []);
test('behind text in the head', linksAre, '<title>t</title><style>s</style><noframes>n</noframes>', []);
test('in a template', linksAre, '<template>', []);
test('behind text in a template', linksAre, '<template>x</template>', []);
test('in a drawing', linksAre, '<svg>', ['/1']);
test('behind </br>', linksAre, '</br>', ['/1']);

test('the head is read', async (t) => {
  const html = `<html lang=de><title>T</title><meta name=description content=D><FRAMESET cols=1>${rest}`;
  t.is(await valueOf('title', html), 'T');
  t.is(await valueOf('description', html), 'D');
  t.is(await valueOf('lang', html), 'de');
  t.is(await valueOf('h1', html), '');
  t.is(await valueOf('text', html), '');
});
