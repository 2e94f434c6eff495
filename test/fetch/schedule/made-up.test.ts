import test from 'ava';

import { parseTarget } from '../../../src/fetch/request/target.ts';
import type { Target } from '../../../src/fetch/request/target.ts';
import { folderOf, madeUpBeside } from '../../../src/fetch/schedule/made-up.ts';

const forms = {
  'http://a.test': ['http://a.test/', /^http:\/\/a\.test\/NAME$/],
  'http://a.test/?q=1': ['http://a.test/', /^http:\/\/a\.test\/NAME$/],
  'http://a.test:81/x': ['http://a.test:81/', /^http:\/\/a\.test:81\/NAME$/],
  'http://a.test/x/y.tar.gz#top': ['http://a.test/x/', /^http:\/\/a\.test\/x\/NAME\.gz$/],
  'http://a.test/x/y.html?z=/w': ['http://a.test/x/', /^http:\/\/a\.test\/x\/NAME\.html$/],
  'http://a.test/x/y/': ['http://a.test/x/', /^http:\/\/a\.test\/x\/NAME\/$/],
  'http://a.test/x/y//': ['http://a.test/x/y//', /^http:\/\/a\.test\/x\/y\/\/NAME$/],
  'http://a.test/.hidden': ['http://a.test/', /^http:\/\/a\.test\/NAME$/],
  'http://a.test/v1.2-long-title': ['http://a.test/', /^http:\/\/a\.test\/NAME$/],
} as const;

for (const [url, [folder, form]] of Object.entries(forms)) {
  test(`beside ${url}`, (t) => {
    const target = parseTarget(url) as Target;
    t.is(folderOf(target), folder);
    const { target: madeUp, name } = madeUpBeside(target, []);
    t.regex(name, /^[a-z]{24}$/);
    t.regex(madeUp.href.replace(name, 'NAME'), form);
    t.deepEqual(madeUp, { ...(parseTarget(madeUp.href) as Target), authorization: target.authorization });
    t.not(madeUpBeside(target, []).name, name);
  });
}

test('parameters that let in are kept, and nothing else of a query', (t) => {
  const target = parseTarget('http://a.test/x/y?id=7&key=secret&Key=2&sig=a%20b#key=3') as Target;
  const { target: madeUp, name } = madeUpBeside(target, ['key', 'sig']);
  t.is(madeUp.path, `/x/${name}?key=secret&sig=a%20b`);
  t.is(madeUp.href, `http://a.test${madeUp.path}`);
});
