import test from 'ava';

import { readLogins } from '../../../src/fetch/request/logins.ts';
import { UsageError } from '../../../src/shared/errors.ts';

const basic = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`;

const login = test.macro({
  exec: (t, text: string, host: string, user: string) => {
    t.is(readLogins(text, 'netrc')(host), user === '' ? '' : basic(user));
  },
  title: (what) => `a login: ${what}`,
});

const file = `# machine of.comments login a password b
machine a.test login anna password "x y\\"z"
machine b.test
  password later
  login bert
macdef init
machine in.macro login no password no

machine b.test login other password other
default login guest password g account x
`;
test('on one line, quoted', login, file, 'a.test', 'anna:x y"z');
test('on several lines, in another order; the first entry counts', login, file, 'b.test', 'bert:later');
test('the default', login, file, 'in.macro', 'guest:g');
test('the default where a comment has the name', login, file, 'of.comments', 'guest:g');
test('none without a default', login, 'machine a.test login a password b', 'b.test', '');
test('a host in upper case', login, 'machine A.Test login a password b', 'a.test', 'a:b');
test('beyond ASCII', login, 'machine a.test login ä password ß', 'a.test', 'ä:ß');
test('an empty file', login, '', 'a.test', '');
test('no password', login, 'machine a.test login a', 'a.test', 'a:');
test('no login', login, 'machine a.test password secret', 'a.test', '');

const refused = test.macro({
  exec: (t, text: string, message: string) => {
    t.throws(() => readLogins(text, '--netrc: F'), {
      instanceOf: UsageError,
      message: `--netrc: F: ${message}`,
    });
  },
  title: (what) => `logins are refused, with the line and no word of it: ${what}`,
});
test(
  'another word',
  refused,
  'machine a.test\nsecret',
  'line 2: machine, default, login, password or account is needed',
);
test('nothing behind', refused, 'machine a.test\nlogin', 'line 2: nothing follows "login"');
test('a login of no host', refused, 'login secret', 'line 1: "login" before any "machine"');
