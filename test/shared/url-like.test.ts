import test from 'ava';

import { hasScheme, looksLikeHost, looksLikeUrl, urlOf } from '../../src/shared/url-like.ts';

const becomes = test.macro((t, text: string, expected: string, defaultScheme: string = 'https') => {
  t.is(urlOf(text, defaultScheme), expected);
});

test('a host gets the default scheme', becomes, 'www.example.org/a', 'https://www.example.org/a');
test('a host gets http where that is said', becomes, 'a.org', 'http://a.org', 'http');
test('what begins with // gets the scheme alone', becomes, '//example.org/a', 'https://example.org/a');
test('spaces around a host are taken off', becomes, '  a.org ', 'https://a.org');
test('spaces around a URL are taken off', becomes, ' \thttp://a.org \n', 'http://a.org');
test('nothing stays nothing', becomes, '', '');
test('spaces are nothing', becomes, '  ', '');
test('what is not visible is nothing', becomes, '\u200b\u00a0\ufeff', '');

const hosts = test.macro({
  exec(t, text: string) {
    t.is(urlOf(text, 'https'), `https://${text}`);
    t.true(looksLikeUrl(text));
    t.true(looksLikeHost(` ${text} `));
    t.like(urlOf(text, 'none'), { detail: 'not a URL: it has no scheme' });
  },
  title: (_, text: string) => `a host: ${text}`,
});

test(hosts, 'example.org');
test(hosts, 'EXAMPLE.ORG');
test(hosts, 'example.org.');
test(hosts, 'example.org:8080/x');
test(hosts, 'example.org:/x');
test(hosts, 'example.org?q');
test(hosts, 'example.org#a');
test(hosts, 'example.org\\a');
test(hosts, 'example.org/a b');
test(hosts, 'example.org/@me');
test(hosts, 'example.org/report.pdf');
test(hosts, 'a.org/?u=http://b.org');
test(hosts, 'web.archive.org/web/2020/http://a.org/');
test(hosts, 'localhost');
test(hosts, 'localhost:3000');
test(hosts, 'LocalHost/a');
test(hosts, 'app.localhost');
test(hosts, '127.0.0.1');
test(hosts, '127.0.0.1:80/x?y#z');
test(hosts, '[::1]');
test(hosts, '[2001:db8::1]:80/');
test(hosts, 'my_host.example.org');
test(hosts, '_dmarc.example.org');
test(hosts, 'a-b.example.org');
test(hosts, 'bücher.example');
test(hosts, 'пример.рф/путь');
test(hosts, '例え.テスト');
test(hosts, '例え。テスト');
test(hosts, 'xn--bcher-kva.example');
test(hosts, 'example.xn--p1ai');
test(hosts, '☕.example');
test(hosts, '163.com');
test(hosts, '4.cn');
test(hosts, 'host.zone1');
test(hosts, 'data.org:80');
test(hosts, 'mailto.org');

const stays = test.macro({
  exec(t, text: string) {
    t.is(urlOf(text, 'https'), text);
    t.is(urlOf(text, 'none'), text);
  },
  title: (_, text: string) => `stays as it is: ${shown(text)}`,
});

test(stays, 'http://a.org');
test(stays, 'HTTP://A.org');
test(stays, 'http:/a.org/');
test(stays, 'http:a.org');
test(stays, 'http:\\\\a.org\\b');
test(stays, 'http:\\/\\/a.org\\/b');
test(stays, 'http:///a.org');
test(stays, 'http://me:p,w@a.org/');
test(stays, 'http://me:http@a.org/');
test(stays, 'http://a/');
test(stays, 'http://http:8080/');
test(stays, 'http://http://a.org/');
test(stays, 'http://https//a.org/');
test(stays, 'http://2130706433/');
test(stays, 'http://a.org/b\tc\nd');
test(stays, 'http:\n//a.o\trg/');
test(stays, 'http://a.org/a b, c; d|e');
test(stays, 'http://a.org/"b"');
test(stays, 'ftp://a.org');
test(stays, 'svn+ssh2.x-y://a.org');
test(stays, 'mailto:a@b.org');
test(stays, 'MailTo:a@b.org,c@d.org');
test(stays, 'tel:+49 30 1234');
test(stays, "javascript:open('http://a.org')");
test(stays, 'https://web.archive.org/web/2020/http://a.org/');
test(stays, 'https://web.archive.org/save/https://web.archive.org/web/http://a.org/');
test(stays, 'http://a.org/?u=http://b.org');
test(stays, 'http://a.org/?u=HTTP://b.org&v=https://c.org');
test(stays, 'http://a.org/?u=http://b.org,http://c.org;http://d.org');
test(stays, 'http://a.org/?text=see+http://b.org');
test(stays, 'http://a.org/?text=see%20http://b.org');
test(stays, 'http://a.org/?http://b.org');
test(stays, 'http://a.org/url:http://b.org');
test(stays, 'http://a.org/#http://b.org');
test(stays, 'http://a.org/http-https');

/** AVA replaces runs of spaces of any kind in titles by one space. */
function shown(text: string): string {
  return encodeURI(text);
}

const several = test.macro({
  exec(t, text: string) {
    t.deepEqual(urlOf(text, 'https'), { detail: 'not a URL: several URLs in one cell' });
    t.false(looksLikeUrl(text));
  },
  title: (_, text: string) => `several: ${shown(text)}`,
});

test(several, 'http://a.org/1\nhttp://a.org/2');
test(several, 'http://a.org/1\r\nhttp://a.org/2');
test(several, 'http://a.org http://b.org');
test(several, 'http://a.org\u00a0http://b.org');
test(several, 'http://a.org, http://b.org');
test(several, 'http://a.org,http://b.org');
test(several, 'http://a.org/1,http://b.org');
test(several, 'http://a.org/1;http://b.org');
test(several, 'http://a.org/1 | http://b.org');
test(several, 'http://a.org/1|http://b.org');
test(several, 'http://a.org/1http://b.org');
test(several, 'http://a.orghttp://b.org');
test(several, 'http://a.org/1HTTPS://b.org');
test(several, 'http://a.org/1http:\\/\\/b.org');
test(several, 'http://a.org/?id=1http://b.org');
test(several, 'http://a.org/?id=1,http://b.org');
test(several, 'http://a.org/?u=http://b.org&id=1,http://c.org');
test(several, 'http://a.org/1 and ftp://b.org');
test(several, 'http://a.org www.b.org');
test(several, 'http://a.org,www.b.org/x');
test(several, 'http://a.org/1"http://b.org');
test(several, 'http://http://a.org/ http://b.org/');
test(several, 'http://http://a.org/,http://b.org/');
test(several, 'a.org b.org');
test(several, 'a.org, b.org');
test(several, 'a.org;b.org');
test(several, 'a.org/1\nb.org/2');
test(several, 'a.org/1 http://b.org');
test(several, '"http://a.org" "http://b.org"');
test(several, '(http://a.org) (http://b.org)');
test(several, "'http://a.org','http://b.org'");
test(several, '[a](http://a.org) [b](http://b.org)');

const none = test.macro<[text: string, reason?: RegExp]>({
  exec(t, text: string, reason: RegExp = /^not a URL: ./) {
    const url = urlOf(text, 'https');
    t.regex(typeof url === 'string' ? url : url.detail, reason);
    t.false(looksLikeUrl(text));
    t.false(looksLikeHost(text));
    t.is(typeof urlOf(text, 'none'), 'object');
  },
  title: (_, text: string) => `not a URL: ${shown(text)}`,
});

test(none, '0', /no letter$/);
test(none, '16843009');
test(none, '3.14');
test(none, '-1.5');
test(none, '1,234.50');
test(none, '1.234.567');
test(none, '1e3');
test(none, '0x7f.1');
test(none, '192.168.1');
test(none, '1.2.3.256');
test(none, '1.2.3.4.5');
test(none, '01.02.03.04');
test(none, '10.1234/abc.5', /path without a host$/);
test(none, '10.1000/182');
test(none, 'doi:10.1/x');
test(none, '2024-01-31');
test(none, '31.01.2024');
test(none, '12:30');
test(none, '12:30:59.5');
test(none, '2024-01-31T12:30:00Z');
test(none, 'v1.2.3');
test(none, '1.0.rc1');
test(none, '2.0.0-beta.3');
test(none, '$3.99');
test(none, '3.99EUR');
test(none, '3.99 EUR');
test(none, '50%');
test(none, '+49 30 1234567');
test(none, '030/1234567');
test(none, '555.123.4567');
test(none, 'foo@a.org', /e-mail address$/);
test(none, 'Foo Bar <foo@a.org>');
test(none, 'me:pw@a.org', /password needs a scheme/);
test(none, 'report.pdf');
test(none, 'index.html#top');
test(none, 'page.php?id=1');
test(none, 'photo.2024.JPG');
test(none, './b', /path without a host$/);
test(none, '../b/c.html');
test(none, '/c/d', /path without a host$/);
test(none, '//c/d');
test(none, 'a/b');
test(none, '?q=a.org');
test(none, '#top');
test(none, 'C:\\Users\\me', /path of a file$/);
test(none, 'C:/Users/me');
test(none, 'c://users');
test(none, '\\\\server.org\\share', /path of a file$/);
test(none, '~/a.org');
test(none, 'word', /^not a URL: without a scheme, a host name with a dot or an IP address is needed$/);
test(none, 'intranet:8080');
test(none, 'two words.');
test(none, 'e.g.');
test(none, 'n/a');
test(none, 'N.A.');
test(none, '-');
test(none, '...');
test(none, '.org');
test(none, 'a..org');
test(none, 'null');
test(none, '1a://b');
test(none, '::1');
test(none, '[::g]');
test(none, '[]');
test(none, 'example.org:8080x');
test(none, 'see http://a.org', /other text around one$/);
test(none, '(see http://a.org)');
test(none, '(http://a.org');
test(none, '"http://a.org');
test(none, '"http://a.org",');
test(none, '[a](http://a.org)');
test(none, '<a href="http://a.org">a</a>');
test(none, '=HYPERLINK("http://a.org")', /formula$/);
test(none, '=HYPERLINK("http://a.org/1";"http://a.org/2")', /formula$/);
test(none, '"n/a"');
test(none, '""');
test(none, '((((http://a.org))))');

const peeled = test.macro<[text: string, expected?: string]>({
  exec(t, text: string, expected = 'http://a.org/b') {
    t.is(urlOf(text, 'https'), expected);
  },
  title: (_, text: string) => `one URL in it: ${shown(text)}`,
});

test(peeled, '"http://a.org/b"');
test(peeled, "'http://a.org/b'");
test(peeled, '`http://a.org/b`');
test(peeled, '<http://a.org/b>');
test(peeled, '(http://a.org/b)');
test(peeled, '[http://a.org/b]');
test(peeled, '\u201chttp://a.org/b\u201d');
test(peeled, '\u201ehttp://a.org/b\u201c');
test(peeled, '\u00abhttp://a.org/b\u00bb');
test(peeled, '\u00a0http://a.org/b\u3000');
test(peeled, '\u200bhttp://a.org/b\u200e');
test(peeled, '\ufeffhttp://a.org/b');
test(peeled, '\ufeff"\u00a0http://a.org/b "');
test(peeled, '("http://a.org/b")');
test(peeled, '(http://a.org/b_(c))', 'http://a.org/b_(c)');
test(peeled, '"a.org/b"', 'https://a.org/b');
test(peeled, '<a.org>', 'https://a.org');
test(peeled, '([::1])', 'https://[::1]');
test(peeled, '<mailto:a@b.org>', 'mailto:a@b.org');

test('none peels too', becomes, '"http://a.org/b"', 'http://a.org/b', 'none');
test('NUL at the end is damage and stays', becomes, 'http://a.org/\0', 'http://a.org/\0');

test('a text beyond 64 KiB is not looked into', (t) => {
  const long = `http://a.org/${'http://b.org '.repeat(10_000)}`;
  t.is(urlOf(long, 'https'), long.trim());
});

const opaque = test.macro({
  exec(t, scheme: string) {
    t.is(urlOf(` ${scheme}:x`, 'https'), `${scheme}:x`);
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

const tells = test.macro((t, text: string, expected: boolean) => t.is(hasScheme(text), expected));

test('a scheme and // are a scheme', tells, 'https://a.org', true);
test('spaces before a scheme do not matter', tells, '  https://a.org', true);
test('http needs no slashes', tells, 'http:a.org', true);
test('a scheme further on is none', tells, 'see https://a.org', false);
test('a scheme with one slash is none', tells, 'x:/a', false);
test('// alone is none', tells, '//a.org', false);
test('a host and a port are none', tells, 'a.org:80', false);
test('mailto: is a scheme', tells, 'mailto:a@b.org', true);
test('mailto without a colon is none', tells, 'mailto', false);
