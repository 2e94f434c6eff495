import test from 'ava';

import {
  checkColumn,
  checkConnectTo,
  checkDelimiter,
  checkHeader,
  checkMethod,
  checkProxy,
  checkNameServer,
  checkNamed,
  checkNamedHeader,
  checkScheme,
  checkStatuses,
  checkUserAgent,
  hasControl,
  parseConnectTo,
  parseNameServer,
  parseNamed,
  statusesIn,
} from '../../src/options/checks.ts';

type Check = (text: string) => void;

const takes = test.macro((t, check: Check, text: string) => {
  t.notThrows(() => check(text));
});

const refuses = test.macro((t, check: Check, text: string, message: string) => {
  t.throws(() => check(text), { instanceOf: RangeError, message });
});

test('http is a scheme', takes, checkScheme, 'http');
test('https is a scheme', takes, checkScheme, 'https');
test('none stands for no scheme', takes, checkScheme, 'none');
test('the case of a scheme does not matter', takes, checkScheme, 'HTTPS');
test(
  'ftp cannot be fetched',
  refuses,
  checkScheme,
  'ftp',
  'https, http, "https,http" or none is needed, got "ftp"',
);
test(
  'a colon is no part of it',
  refuses,
  checkScheme,
  'http:',
  'https, http, "https,http" or none is needed, got "http:"',
);
test(
  'a scheme is not empty',
  refuses,
  checkScheme,
  '',
  'https, http, "https,http" or none is needed, got ""',
);
test(
  'a scheme is one word',
  refuses,
  checkScheme,
  'xhttp',
  'https, http, "https,http" or none is needed, got "xhttp"',
);

test('a character can divide cells', takes, checkDelimiter, ';');
test('a space can', takes, checkDelimiter, ' ');
test('a tab can', takes, checkDelimiter, '\t');
test('tab can be spelt', takes, checkDelimiter, 'tab');
test(String.raw`a tab can be spelt \t`, takes, checkDelimiter, '\\t');
test('the last character of ASCII can', takes, checkDelimiter, '\u007f');

const oneCharacter = 'one ASCII character or "tab" is needed, got';

test('no delimiter is refused', refuses, checkDelimiter, '', `${oneCharacter} ""`);
test('two characters are refused', refuses, checkDelimiter, '::', `${oneCharacter} "::"`);
test('a quote cannot divide', refuses, checkDelimiter, '"', String.raw`${oneCharacter} "\""`);
test('an LF cannot divide', refuses, checkDelimiter, '\n', String.raw`${oneCharacter} "\n"`);
test('a CR cannot divide', refuses, checkDelimiter, '\r', String.raw`${oneCharacter} "\r"`);
test(
  'the first character behind ASCII cannot',
  refuses,
  checkDelimiter,
  '\u0080',
  `${oneCharacter} "\u0080"`,
);
test('a word cannot divide', refuses, checkDelimiter, 'comma', `${oneCharacter} "comma"`);

test('GET is a method', takes, checkMethod, 'GET');
test('a method may be in lower case', takes, checkMethod, 'purge');
test('a method may hold any token', takes, checkMethod, "M-SEARCH!#$%&'*+.^_`|~09");
test('a method is not empty', refuses, checkMethod, '', '"" is not a method');
test('a method holds no space', refuses, checkMethod, 'GET /', '"GET /" is not a method');
test('a method holds no line end', refuses, checkMethod, 'GET\n', '"GET\n" is not a method');
test('a method is ASCII', refuses, checkMethod, 'GÉT', '"GÉT" is not a method');
test('CONNECT cannot be used', refuses, checkMethod, 'CONNECT', 'CONNECT cannot be used');
test('trace cannot be used', refuses, checkMethod, 'trace', 'TRACE cannot be used');
test('what begins like CONNECT can', takes, checkMethod, 'CONNECTED');

test('a header has a name and a value', takes, checkHeader, 'Accept: text/html');
test('the space behind the colon may be left out', takes, checkHeader, 'accept:*/*');
test('spaces around the name may be there', takes, checkHeader, ' Accept : */*');
test('a value may be empty', takes, checkHeader, 'X-Empty:');
test('a value may hold colons', takes, checkHeader, 'Referer: http://a.org:80/');
test('a value may hold a tab', takes, checkHeader, 'X: a\tb');
test('a value may be beyond ASCII', takes, checkHeader, 'X: é');
test('a value may name columns', takes, checkHeader, 'X-Id: {id}');
test('a file of headers can be named', takes, checkHeader, '@headers.txt');
test('a header that begins like one of the framing is none', takes, checkHeader, 'TE-x: y');

const wanted = 'a header "Name: value" or @FILE is needed';

test('a header needs a colon', refuses, checkHeader, 'Accept', wanted);
test('a header needs a name', refuses, checkHeader, ': text/html', wanted);
test('the name of a header holds no space', refuses, checkHeader, 'My Header: x', wanted);
test('the name of a header is ASCII', refuses, checkHeader, 'É: x', wanted);
test('an empty header is refused', refuses, checkHeader, '', wanted);

const noHost = 'the value of the header Host is not a host';
for (const host of ['[', '[x]', '[::1', 'a b', 'a/b', 'a:b', 'é.test', '{{h}}', '{"h"}', 'a{', '[{{h}}']) {
  test(`a Host that is none is refused: "${host}"`, refuses, checkHeader, `Host: ${host}`, noHost);
}
for (const host of [
  'a.test',
  'A.test:80',
  '[::1]',
  '[::1]:80',
  '1.2.3.4',
  '',
  ' a.test ',
  '{h}',
  '{h}.test',
  '{{h}}{h}',
]) {
  test(`a Host that is one, or may be: "${host}"`, takes, checkHeader, `Host: ${host}`);
}
test(
  'half of a surrogate pair cannot be sent',
  refuses,
  checkHeader,
  'X: \ud800',
  'the value of the header X holds half of a surrogate pair',
);
test('a name of who asks', takes, checkUserAgent, 'Zoë (日本)');
test('which holds no line end', refuses, checkUserAgent, 'a\r\nb', 'the name holds a control character');

const framing = test.macro({
  exec(t, name: string) {
    t.throws(() => checkHeader(`${name}: x`), {
      instanceOf: RangeError,
      message: `the header ${name} is set by urlmill itself`,
    });
  },
  title: (_, name: string) => `the header ${name} is refused`,
});

test(framing, 'Connection');
test(framing, 'content-length');
test(framing, 'Expect');
test(framing, 'Keep-Alive');
test(framing, 'TE');
test(framing, 'Trailer');
test(framing, 'Transfer-Encoding');
test(framing, 'UPGRADE');

const control = 'the value of the header X holds a control character';

test(
  'spaces around the name hide nothing',
  refuses,
  checkHeader,
  ' Upgrade : x',
  'the header Upgrade is set by urlmill itself',
);
test('a value holds no line end', refuses, checkHeader, 'X: a\r\nY: b', control);
test('a value holds no NUL', refuses, checkHeader, 'X: a\0', control);

const controls = test.macro((t, text: string, expected: boolean) => t.is(hasControl(text), expected));

test('the last character before the space is a control', controls, 'a\u001fb', true);
test('DEL is a control', controls, 'a\u007f', true);
test('a line end is a control', controls, '\n', true);
test('a space is none', controls, ' ', false);
test('a tab is none', controls, '\t', false);
test('the tilde is none', controls, '~', false);
test('what comes behind ASCII is none', controls, '\u0080\u00a0€', false);
test('nothing holds none', controls, '', false);

const connects = test.macro((t, text: string, expected: readonly [string, string, string, string]) => {
  const { fromHost, fromPort, toHost, toPort } = parseConnectTo(text);
  t.deepEqual([fromHost, fromPort, toHost, toPort], expected);
  t.notThrows(() => checkConnectTo(text));
});

test('all four parts', connects, 'a.org:80:b.org:8080', ['a.org', '80', 'b.org', '8080']);
test('any host and port', connects, '::127.0.0.1:8080', ['', '', '127.0.0.1', '8080']);
test('any host', connects, ':443:127.0.0.1:8443', ['', '443', '127.0.0.1', '8443']);
test('the same host and port', connects, 'a.org:80::', ['a.org', '80', '', '']);
test('all parts empty', connects, ':::', ['', '', '', '']);
test('the case of hosts does not matter', connects, 'A.Org:80:B.Org:80', ['a.org', '80', 'b.org', '80']);
test('IPv6 to connect to loses its brackets', connects, 'a.org:80:[::1]:81', ['a.org', '80', '::1', '81']);
test('IPv6 to match loses them too', connects, '[2001:DB8:0::1]:80::', ['2001:db8::1', '80', '', '']);
test('IPv6 may end like IPv4', connects, '::[::ffff:127.0.0.1]:80', ['', '', '::ffff:7f00:1', '80']);
test('a host becomes ASCII', connects, 'münchen.de:80:b:80', ['xn--mnchen-3ya.de', '80', 'b', '80']);
test('an address gets its usual form', connects, '127.1:80:b:80', ['127.0.0.1', '80', 'b', '80']);
test('the last port', connects, 'a:65535:b:65535', ['a', '65535', 'b', '65535']);

const four = (text: string): string => `H1:P1:H2:P2 is needed, got "${text}"`;

test('three parts are too few', refuses, checkConnectTo, 'a:80:b', four('a:80:b'));
test('five parts are too many', refuses, checkConnectTo, 'a:80:b:80:c', four('a:80:b:80:c'));
test('nothing is no rule', refuses, checkConnectTo, '', four(''));
test('a port is a number', refuses, checkConnectTo, 'a:http:b:80', four('a:http:b:80'));
test('a second port is a number', refuses, checkConnectTo, 'a:80:b:x', four('a:80:b:x'));
test('IPv6 needs its brackets', refuses, checkConnectTo, '::1:80:b:80', four('::1:80:b:80'));
test(
  'what is no host is refused',
  refuses,
  checkConnectTo,
  'a b:80:c:80',
  '"a b" in "a b:80:c:80" is not a host',
);
test(
  'a second that is no host is refused',
  refuses,
  checkConnectTo,
  'a:80:1.2.3.256:80',
  '"1.2.3.256" in "a:80:1.2.3.256:80" is not a host',
);
test('a first port too large', refuses, checkConnectTo, 'a:65536:b:80', 'no such port in "a:65536:b:80"');
test('a second port too large', refuses, checkConnectTo, 'a:80:b:65536', 'no such port in "a:80:b:65536"');

test('no proxy at all can be asked for', takes, checkProxy, 'none');
test('in any case', takes, checkProxy, 'None');
test('by nothing too', takes, checkProxy, '');
test('a proxy may be a host', takes, checkProxy, 'proxy.example');
test('a proxy may be host and port', takes, checkProxy, 'localhost:3128');
test('a proxy may be a URL', takes, checkProxy, 'https://me:pa%2Fss@[::1]:3128/');

const proxy = 'a proxy like http://user:password@proxy.example:3128 is needed';
const behind =
  'nothing may follow the host and port of a proxy; in a password "/", "?" and "#" are written %2F, %3F and %23';

test('a proxy needs a host', refuses, checkProxy, 'http://me:secret@:80', proxy);
test('a proxy is one word', refuses, checkProxy, 'my proxy', proxy);
test('a port of a proxy is a number', refuses, checkProxy, 'proxy.example:http', proxy);
test('a scheme of a proxy has two slashes', refuses, checkProxy, 'http:proxy.example:80', proxy);
test('a proxy may speak SOCKS 5', takes, checkProxy, 'socks5://me:secret@p:80');
test('and resolve names', takes, checkProxy, 'SOCKS5h://p');
test('SOCKS 5 needs a host, too', refuses, checkProxy, 'socks5://', proxy);
test(
  'SOCKS 4 is refused',
  refuses,
  checkProxy,
  'SOCKS4://p',
  'a proxy is reached by http, https, socks5 or socks5h, not by socks4',
);

const statuses = (text: string): string =>
  `statuses like 429,500-504,5xx, or "none", are needed, got ${JSON.stringify(text)}`;
test('statuses, ranges and classes', takes, checkStatuses, '429, 500-504,5xx');
test('no status at all', takes, checkStatuses, 'none');
test('a status that is none', refuses, checkStatuses, '429,99', statuses('429,99'));
test('a range that goes down', refuses, checkStatuses, '504-500', statuses('504-500'));
test('nothing', refuses, checkStatuses, '', statuses(''));

test('the statuses of a list', (t) => {
  const given = Array.from({ length: 500 }, (_, i) => 100 + i).filter(statusesIn('404,500-502'));
  t.deepEqual(given, [404, 500, 501, 502]);
  t.is(Array.from({ length: 500 }, (_, i) => 100 + i).filter(statusesIn('5xx')).length, 100);
  t.false(statusesIn('none')(503));
});
test(
  'ftp is refused',
  refuses,
  checkProxy,
  'ftp://me:secret@p',
  'a proxy is reached by http, https, socks5 or socks5h, not by ftp',
);
test('a proxy has no path', refuses, checkProxy, 'http://p:80/secret', behind);
test('a slash in a password is no path', refuses, checkProxy, 'http://me:1/secret@p:80', behind);
test('a question mark in a password is no query', refuses, checkProxy, 'me:1?secret@p:80', behind);
test('a hash in a password is no fragment', refuses, checkProxy, 'me:1#secret@p:80', behind);

const serves = test.macro((t, text: string, address: string, port: number) => {
  t.deepEqual(parseNameServer(text), { address, port });
  t.notThrows(() => checkNameServer(text));
});

test('a name server is an address', serves, '192.0.2.1', '192.0.2.1', 53);
test('a name server may have a port', serves, '192.0.2.1:5353', '192.0.2.1', 5353);
test('a name server may have an IPv6 address', serves, '2001:db8::1', '2001:db8::1', 53);
test('that may stand in brackets', serves, '[2001:db8::1]', '2001:db8::1', 53);
test('with a port it has to', serves, '[::1]:65535', '::1', 65_535);
test('an address may be of one link', serves, 'fe80::1%eth0', 'fe80::1%eth0', 53);
test('what looks like a port is the end of an IPv6 address', serves, '::1:53', '::1:53', 53);

const server = (text: string): string =>
  `an IP address is needed (1.2.3.4, 1.2.3.4:53, [2001:db8::1]:53), got "${text}"`;

test('a name is no name server', refuses, checkNameServer, 'dns.example', server('dns.example'));
test('nothing is no name server', refuses, checkNameServer, '', server(''));
test('a port alone is none', refuses, checkNameServer, ':53', server(':53'));
test('four numbers need not be an address', refuses, checkNameServer, '1.2.3.256', server('1.2.3.256'));
test('a port is not empty', refuses, checkNameServer, '1.2.3.4:', server('1.2.3.4:'));
test('a port of a name server is a number', refuses, checkNameServer, '1.2.3.4:dns', server('1.2.3.4:dns'));
test('IPv4 stands in no brackets', refuses, checkNameServer, '[1.2.3.4]:53', server('[1.2.3.4]:53'));
test('brackets are closed', refuses, checkNameServer, '[::1', server('[::1'));
test('there is no port 0', refuses, checkNameServer, '1.2.3.4:0', 'no such port in "1.2.3.4:0"');
test('there is no port 65536', refuses, checkNameServer, '[::1]:65536', 'no such port in "[::1]:65536"');

test('a column may have any name', takes, checkColumn, ' ä"\n,');
test('but it has one', refuses, checkColumn, '', '"" cannot be the name of a column');
test('it is not __proto__', refuses, checkColumn, '__proto__', '"__proto__" cannot be the name of a column');

test('the name of a column ends at the first "="', (t) => {
  t.deepEqual(parseNamed('a b=c=d'), { name: 'a b', text: 'c=d', isList: false });
});
test('what fills a column is named', refuses, checkNamed, 'a', 'NAME=… is needed, got "a"');
test('it is not empty', refuses, checkNamed, 'a=', 'NAME=… is needed, got "a="');
test('its column has a name', refuses, checkNamed, '=b', '"" cannot be the name of a column');

test('a header can fill a column', takes, checkNamedHeader, 'a=X-Cache');
test('what is no token is no header', refuses, checkNamedHeader, 'a=b:', '"b:" is not the name of a header');
