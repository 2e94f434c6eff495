import test from 'ava';

import { hasScheme, withScheme } from '../../src/read/url-text.ts';

const becomes = test.macro((t, cell: string, expected: string, defaultScheme: string = 'https') => {
  t.is(withScheme(cell, defaultScheme), expected);
});

test('a host gets the default scheme', becomes, 'www.example.org/a', 'https://www.example.org/a');
test('a host with a port gets it', becomes, 'example.org:8080/a', 'https://example.org:8080/a');
test('localhost with a port gets it', becomes, 'localhost:3000', 'https://localhost:3000');
test('an address gets it', becomes, '127.0.0.1/x?y#z', 'https://127.0.0.1/x?y#z');
test('an IPv6 address gets it', becomes, '[::1]:80/', 'https://[::1]:80/');
test('a host with credentials gets it', becomes, 'me:pw@example.org', 'https://me:pw@example.org');
test('a URL in the query is no scheme', becomes, 'a.org/?u=http://b.org', 'https://a.org/?u=http://b.org');
test('what begins with // gets the scheme alone', becomes, '//example.org/a', 'https://example.org/a');
test('what begins with // gets http where that is said', becomes, '//a.org', 'http://a.org', 'http');
test('a host gets http where that is said', becomes, 'a.org', 'http://a.org', 'http');
test('http stays', becomes, 'http://a.org', 'http://a.org');
test('a scheme with one slash stays', becomes, 'http:/a.org/', 'http:/a.org/');
test('the case of a scheme does not matter', becomes, 'HTTP://A.org', 'HTTP://A.org');
test('any scheme with // stays', becomes, 'ftp://a.org', 'ftp://a.org');
test('a scheme may hold digits and signs', becomes, 'svn+ssh2.x-y://a.org', 'svn+ssh2.x-y://a.org');
test('what begins with a digit is no scheme', becomes, '1a://b', 'https://1a://b');
test('spaces around are taken off', becomes, ' \thttp://a.org \n', 'http://a.org');
test('spaces around a host are taken off', becomes, '  a.org ', 'https://a.org');
test('nothing stays nothing', becomes, '', '');
test('spaces are nothing', becomes, '  ', '');
test('none adds nothing', becomes, ' a.org ', 'a.org', 'none');
test('none adds nothing before //', becomes, '//a.org', '//a.org', 'none');

const opaque = test.macro({
  exec(t, scheme: string) {
    t.is(withScheme(` ${scheme}:x`, 'https'), `${scheme}:x`);
  },
  title: (_, scheme: string) => `${scheme}: is a scheme without //`,
});

test(opaque, 'about');
test(opaque, 'blob');
test(opaque, 'data');
test(opaque, 'file');
test(opaque, 'geo');
test(opaque, 'gopher');
test(opaque, 'javascript');
test(opaque, 'magnet');
test(opaque, 'mailto');
test(opaque, 'news');
test(opaque, 'sms');
test(opaque, 'tel');
test(opaque, 'urn');
test(opaque, 'view-source');

test('the case of such a scheme does not matter', becomes, 'MailTo:a@b.org', 'MailTo:a@b.org');
test('a host that begins like such a scheme is a host', becomes, 'data.org:80', 'https://data.org:80');
test('a host that ends like such a scheme is a host', becomes, 'my-tel:80', 'https://my-tel:80');

const tells = test.macro((t, text: string, expected: boolean) => t.is(hasScheme(text), expected));

test('a scheme and // are a scheme', tells, 'https://a.org', true);
test('spaces before a scheme do not matter', tells, '  https://a.org', true);
test('a scheme further on is none', tells, 'see https://a.org', false);
test('a scheme with one slash is none', tells, 'x:/a', false);
test('// alone is none', tells, '//a.org', false);
test('a host and a port are none', tells, 'a.org:80', false);
test('mailto: is a scheme', tells, 'mailto:a@b.org', true);
test('mailto without a colon is none', tells, 'mailto', false);
