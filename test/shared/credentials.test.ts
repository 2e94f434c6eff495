import test from 'ava';

import { withoutCredentials } from '../../src/shared/credentials.ts';

const bare = test.macro({
  exec: (t, text: string, expected: string) => {
    t.is(withoutCredentials(text), expected);
  },
  title: (what) => what ?? '',
});

test('a user and password go', bare, 'http://user:secret@host/a', 'http://host/a');
test('a user alone goes', bare, 'https://token@host/', 'https://host/');
test('a password alone goes', bare, 'https://:secret@host/', 'https://host/');
test('an @ in a password goes with it', bare, 'http://u:p@secret@host/', 'http://host/');
test('quotes in a password go with it', bare, `http://u:p'"secret@host/`, 'http://host/');
test('other schemes are looked at too', bare, 'socks5+x.y://u:secret@host', 'socks5+x.y://host');
test('capitals are looked at too', bare, 'HTTP://u:secret@host', 'HTTP://host');
test(
  'all URLs of a text are looked at',
  bare,
  'a http://u:secret@b/ and ftp://v:secret@c',
  'a http://b/ and ftp://c',
);
test('a URL within other text is looked at', bare, '"x=http://u:secret@b/"', '"x=http://b/"');
test('a URL without credentials stays', bare, 'http://host:80/a', 'http://host:80/a');
test('an @ in a path stays', bare, 'http://host/@user', 'http://host/@user');
test('an @ in a query stays', bare, 'http://host?a=b@c', 'http://host?a=b@c');
test('an @ in a fragment stays', bare, 'http://host#a@b', 'http://host#a@b');
test('an @ in the next word stays', bare, 'http://host a@b', 'http://host a@b');
test('a mail address stays', bare, 'mailto:user@host', 'mailto:user@host');

/** A search of quadratic cost would take hours on some megabytes. */
const staysLinear = test.macro({
  exec: (t, part: string, expected: string = part) => {
    t.is(withoutCredentials(part.repeat(million)), expected.repeat(million));
  },
  title: (what) => `a long text costs its length: ${what}`,
});

const million = 1_000_000;
test('dots', staysLinear, 'a.');
test('schemes', staysLinear, 'a://');
test('hosts', staysLinear, 'a://x');
test('users', staysLinear, 'a://x@', 'a://');
test('signs without a scheme', staysLinear, '@');

test('a long text costs its length: one scheme with many users', (t) => {
  t.is(withoutCredentials(`a://${'@'.repeat(million)}`), 'a://');
});
