import test from 'ava';

import { stepsOf } from '../../helpers/steps.ts';
import { robotsRules } from '../../../src/fetch/schedule/robots.ts';
import type { RobotsRules } from '../../../src/fetch/schedule/robots.ts';

const origin = 'http://www.example.com';

function rules(file: string | Buffer, userAgent: string = 'urlmill/0.1.0 (+http://a.test)'): RobotsRules {
  return robotsRules({ status: 200, body: Buffer.from(file) }, `${origin}/robots.txt`, userAgent);
}

/** Checks which paths a pattern matches, with a file that forbids only this pattern. */
const pattern = test.macro({
  exec: (t, text: string, matched: readonly string[], others: readonly string[]) => {
    const { allows } = rules(`User-agent: *\nDisallow: ${text}\n`);
    for (const path of matched) t.false(allows(origin + path), path);
    for (const path of others) t.true(allows(origin + path), path);
  },
  title: (_, text: string) => `pattern ${text.slice(0, 40)}`,
});

// RFC 9309, section 2.2.2
test(pattern, '/foo/bar?baz=quz', ['/foo/bar?baz=quz'], ['/foo/bar', '/foo/bar%3Fbaz=quz']);
test(
  pattern,
  '/foo/bar?baz=https://foo.bar',
  [
    '/foo/bar?baz=https%3A%2F%2Ffoo.bar',
    '/foo/bar?baz=https://foo.bar',
    '/foo/bar?baz=https://foo.bar/a%2Fb',
  ],
  ['/foo/bar?baz=http'],
);
test(pattern, '/*?u=a%3A%2Fb', ['/x?u=a%3A%2Fb', '/x?u=a:/b', '/x?u=a%3a%2fb'], ['/x?u=a']);
test(pattern, '/*?a=x:y&b=p%2Fq', ['/?a=x:y&b=p%2Fq', '/?a=x:y&b=p%2fqr'], []);
test(
  pattern,
  '/foo/bar/ツ',
  ['/foo/bar/%E3%83%84', '/foo/bar/ツ', '/foo/bar/%e3%83%84'],
  ['/foo/bar/%E3%83'],
);
test(pattern, '/foo/bar/%E3%83%84', ['/foo/bar/%E3%83%84', '/foo/bar/ツ'], ['/foo/bar/']);
test(
  pattern,
  '/foo/bar/%62%61%7A',
  ['/foo/bar/baz', '/foo/bar/%62%61%7A', '/foo/bar/b%61zz'],
  ['/foo/bar/b'],
);
// Section 2.2.3
test(pattern, '/path/file-with-a-%2A.html', ['/path/file-with-a-*.html'], ['/path/file-with-a-x.html']);
test(pattern, '/path/foo-%24', ['/path/foo-$', '/path/foo-$a'], ['/path/foo-']);

test(pattern, '/fish', ['/fish', '/fish.html', '/fishheads/x', '/fish?id=1'], ['/Fish', '/catfish', '/']);
test(pattern, '/fish*', ['/fish', '/fish.html'], ['/Fish', '/catfish']);
test(pattern, '/fish/', ['/fish/', '/fish/?id=1'], ['/fish', '/fish.html']);
test(pattern, '/*.php', ['/a.php', '/a/b.php?x', '/a.php/'], ['/', '/a.PHP']);
test(pattern, '/*.php$', ['/a.php', '/a.php.php'], ['/a.php?x', '/a.php/', '/a.php5']);
test(pattern, '/fish*.php', ['/fish.php', '/fishheads/x.php?y'], ['/Fish.php', '/fish.ph']);
test(pattern, '*.gif$', ['/a.gif', '/a/b.gif'], ['/a.gif?x', '/a.gifs']);
// A `?` without a query is not sent.
test(pattern, '/$', ['/', '/?'], ['/a', '/?x']);
test(pattern, '/a$b', ['/a$b', '/a%24bc'], ['/a', '/ab']);
test(pattern, '/ab*ba$', ['/abba', '/abxba'], ['/aba', '/abab']);
test(pattern, '/a*b*c$', ['/abc', '/abbcc', '/a/c/b/c'], ['/acb', '/abcd']);
test(pattern, '/a**$', ['/a', '/abc'], ['/b']);
test(pattern, '*', ['/', '/a?b'], []);
test(pattern, '/', ['/', '/a?b'], []);
test(pattern, '$', [], ['/', '/a']);
test(pattern, 'fish', [], ['/fish', '/']);
test(pattern, '', [], ['/', '/a']);
test(pattern, '# all of it', [], ['/', '/a']);
test(pattern, '/a # comment', ['/a', '/ab'], ['/']);
test(pattern, '/a%23b', ['/a%23b'], ['/a#b', '/a']);
test(pattern, '/a%2Fb', ['/a%2fb', '/a%2Fbc'], ['/a/b']);
test(pattern, '/a/b', ['/a/b'], ['/a%2Fb']);
test(pattern, '/a b', ['/a b', '/a%20b'], ['/a', '/a+b']);
test(pattern, '/a%zz', ['/a%zz'], ['/a']);
test(pattern, '/à', ['/à', '/%C3%A0b'], ['/%C3']);
test(pattern, '/*à', ['/xà'], ['/x']);
test(pattern, '/*3A', ['/3A'], ['/%3A']);
test(pattern, '/a|b^', ['/a|b^', '/a%7Cb%5E'], ['/a']);

const lines = test.macro({
  exec: (t, file: string, allowed: readonly string[], denied: readonly string[], userAgent?: string) => {
    const { allows } = rules(file, userAgent);
    for (const path of allowed) t.true(allows(origin + path), path);
    for (const path of denied) t.false(allows(origin + path), path);
  },
  title: (name) => `file: ${name}`,
});

// RFC 9309, section 5.1
const simple = `User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
`;
test('for all', lines, simple, ['/', '/publications/x', '/a.gif?x'], ['/a.gif', '/example/page.html'], 'x/1');
test(
  'its own',
  lines,
  simple,
  ['/example/page.html', '/example/allowed.gif'],
  ['/', '/example/'],
  'foobot/1.0',
);
test('two agents, one', lines, simple, ['/a.gif', '/example/'], ['/example/page.html'], 'barbot');
test('two agents, other', lines, simple, ['/a.gif', '/example/'], ['/example/page.html'], 'BazBot/2');
test('a group without rules', lines, simple, ['/a.gif', '/example/', '/'], [], 'quxbot');

// RFC 9309, section 5.2
const longest = `User-Agent: foobot
Allow: /example/page/
Disallow: /example/page/disallowed.gif
`;
test('the longest match', lines, longest, ['/example/page/'], ['/example/page/disallowed.gif'], 'foobot');
test('a short Allow after', lines, 'User-agent: *\nDisallow: /a/b\nAllow: /a', ['/a', '/a/c'], ['/a/b']);
test('of equals Allow', lines, 'User-agent: *\nDisallow: /a\nAllow: /a', ['/a'], []);
test('of equals Allow, before', lines, 'User-agent: *\nAllow: /a\nDisallow: /a', ['/a'], []);
test('wildcards count', lines, 'User-agent: *\nAllow: /page\nDisallow: /*.htm', ['/page'], ['/page.htm']);
test('$ counts', lines, 'User-agent: *\nAllow: /$\nDisallow: /', ['/'], ['/a']);
test('an octet counts once', lines, 'User-agent: *\nDisallow: /%61%62*\nAllow: /abcd', ['/abcd'], ['/abc']);

// RFC 9309, section 2.2.1
const merged = `user-agent: ExampleBot
disallow: /foo
disallow: /bar

user-agent: BazBot
disallow: /x

user-agent: ExampleBot
disallow: /baz
`;
test('groups of one name', lines, merged, ['/x', '/'], ['/foo', '/bar', '/baz'], 'examplebot/9');
test(
  'groups for all',
  lines,
  'User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b',
  ['/'],
  ['/a', '/b'],
);
test('no group for it', lines, merged, ['/foo', '/x', '/baz'], []);
test('its version in the file', lines, 'User-agent: URLMILL/0.0 x\nDisallow: /', ['/robots.txt'], ['/']);
test('a longer name', lines, 'User-agent: urlmill-news\nDisallow: /', ['/'], []);
test('a shorter name', lines, 'User-agent: url\nDisallow: /', ['/'], []);
test('rules before any group', lines, 'Disallow: /\nUser-agent: *\nDisallow: /a', ['/'], ['/a']);
test('a named group wins over *', lines, 'User-agent: *\nUser-agent: urlmill\nDisallow: /', [], ['/']);
test('both lines at once', lines, 'User-agent: urlmill\nUser-agent: *\nDisallow: /a', ['/'], ['/a'], 'x');

const between = 'User-agent: urlmill\nSitemap: http://x/\nnonsense\nUser-agent: b\nDisallow: /';
test('other records do not part a group', lines, between, [], ['/', '/a']);
const delayed = 'User-agent: *\nCrawl-delay: 10\nUser-agent: bad\nDisallow: /';
test('Crawl-delay belongs to its group', lines, delayed, ['/a'], []);
test('a name like a member of Object', lines, 'User-agent: __proto__\nDisallow: /', [], ['/'], '__proto__');

const two = 'User-agent: *\nDisallow: /a\nDisallow: /b\n';
test('CRLF', lines, two.replaceAll('\n', '\r\n'), ['/'], ['/a', '/b']);
test('CR', lines, two.replaceAll('\n', '\r'), ['/'], ['/a', '/b']);
test('no last line end', lines, two.trim(), ['/'], ['/a', '/b']);
test('a byte order mark', lines, `\ufeff${two}`, ['/'], ['/a', '/b']);
test('NULs', lines, `${two.replace('/b', '/\0b')}\0\0`, ['/'], ['/a', '/b']);
test('blanks', lines, ' User-Agent :\t* \n\tDISALLOW\t:  /a \t\nDisallow:/b', ['/'], ['/a', '/b']);
test('comments', lines, '#x\nUser-agent: * # all\n# x\nDisallow: /a#b\nDisallow: /b', ['/'], ['/a', '/b']);
test('empty', lines, '', ['/', '/a'], []);
test('HTML', lines, '<!doctype html><a href="http://x/">User-agent: *</a>\nDisallow: /', ['/', '/a'], []);
test('a huge line', lines, `${'x'.repeat(400_000)}\n${two}`, ['/'], ['/a', '/b']);
test('a huge line of blanks', lines, `User-agent:${' '.repeat(400_000)}*\n${two}`, ['/'], ['/a', '/b']);
test(
  '/robots.txt itself',
  lines,
  'User-agent: *\nDisallow: /',
  ['/robots.txt', '/robots.txt?x'],
  ['/robots.txt2'],
);

test('bytes that are no UTF-8 are compared as they are', (t) => {
  const { allows } = rules(Buffer.from('User-agent: *\nDisallow: /caf\u00e9', 'latin1'));
  t.false(allows(`${origin}/caf%E9`));
  t.true(allows(`${origin}/café`));
});

test('500 KiB are read, to the last line that is whole', (t) => {
  const begin = 'User-agent: *\nDisallow: /a\n';
  const end = 'Disallow: /b\n';
  const filled = (size: number): string =>
    `${begin}${'#'.repeat(size - begin.length - end.length - 1)}\n${end}`;
  t.false(rules(filled(500 * 1024)).allows(`${origin}/b`));
  for (const size of [500 * 1024 + 1, 500 * 1024 + 2, 500 * 1024 + 100]) {
    const { allows } = rules(filled(size));
    t.false(allows(`${origin}/a`));
    t.true(allows(`${origin}/b`));
    t.true(allows(`${origin}/`));
  }
});

const reply = test.macro({
  exec: (
    t,
    status: number | null,
    body: string | null,
    expected: readonly [root: boolean, other: boolean],
  ) => {
    const given = { status, body: body === null ? null : Buffer.from(body) };
    const { allows, crawlDelay } = robotsRules(given, `${origin}/robots.txt`, 'urlmill');
    t.deepEqual([allows(`${origin}/`), allows(`${origin}/b`)], expected);
    t.true(allows(`${origin}/robots.txt`));
    t.is(crawlDelay, null);
  },
  title: (_, status: number | null, body: string | null) =>
    `reply ${status}, ${body === null ? 'no body' : 'body'}`,
});

const forbidding = 'User-agent: *\nDisallow: /b';
test(reply, 200, forbidding, [true, false]);
test(reply, 203, forbidding, [true, false]);
test(reply, 204, '', [true, true]);
test(reply, 200, null, [false, false]);
test(reply, 301, forbidding, [false, false]);
test(reply, 304, '', [false, false]);
test(reply, 400, forbidding, [true, true]);
test(reply, 401, forbidding, [true, true]);
test(reply, 403, null, [true, true]);
test(reply, 404, forbidding, [true, true]);
test(reply, 410, forbidding, [true, true]);
test(reply, 429, forbidding, [false, false]);
test(reply, 499, forbidding, [true, true]);
test(reply, 500, forbidding, [false, false]);
test(reply, 503, null, [false, false]);
test(reply, 599, '', [false, false]);
test(reply, null, null, [false, false]);

test('what is not of the origin is not allowed', (t) => {
  const { allows } = rules('User-agent: *\nAllow: /');
  t.true(allows('http://www.example.com:80/a'));
  for (const url of ['https://www.example.com/', 'http://example.com/', `${origin}:81/`, 'no URL', '']) {
    t.false(allows(url), url);
  }
});

const delay = test.macro({
  exec: (t, value: string, expected: number | null) => {
    t.is(rules(`User-agent: *\nCrawl-delay: ${value}\n`).crawlDelay, expected);
  },
  title: (_, value: string) => `Crawl-delay: ${value.slice(0, 40)}`,
});

test(delay, '10', 10_000);
test(delay, '0', 0);
test(delay, '0.5', 500);
test(delay, '.5', 500);
test(delay, '2.', 2000);
test(delay, '9'.repeat(400), Number.MAX_SAFE_INTEGER);
test(delay, '-1', null);
test(delay, '1e9', null);
test(delay, 'Infinity', null);
test(delay, '0x10', null);
test(delay, '10s', null);
test(delay, '.', null);
test(delay, '', null);

test('a file of one line that is cut says nothing', (t) => {
  const { allows } = rules(`User-agent: *${' '.repeat(500 * 1024)}\nDisallow: /`);
  t.true(allows(`${origin}/`));
});

test('the longest Crawl-delay of the own groups counts', (t) => {
  const file = `User-agent: *\nCrawl-delay: 9\n
User-agent: urlmill\nCrawl-delay: 2\nCrawl-delay: 3\nDisallow: /a\nCrawl-delay: x\n
User-agent: urlmill\nCrawl-delay: 1`;
  t.is(rules(file).crawlDelay, 3000);
  t.is(rules(file, 'other').crawlDelay, 9000);
  t.is(rules('User-agent: *\nCrawl-delay: 9\nUser-agent: urlmill\nDisallow:').crawlDelay, null);
});

const hostile = test.macro({
  exec: async (t, file: string, path: string, expected: boolean) => {
    const steps = await stepsOf(() => t.is(rules(file).allows(origin + path), expected));
    // The limit for comparing, and the cost of reading the largest file; backtracking would take far more
    // steps.
    t.true(steps < 30_000_000, `${steps} steps`);
  },
  title: (name) => `hostile: ${name}`,
});

const long = `/${'a'.repeat(60_000)}`;
const full = (line: string): string => `User-agent: *\n${`${line}\n`.repeat(500_000 / (line.length + 1))}`;
test.serial('many stars', hostile, 'User-agent: *\nDisallow: /***********a$', `${long}b`, true);
test.serial('many stars that match', hostile, 'User-agent: *\nDisallow: /***********a$', long, false);
test.serial('stars apart', hostile, `User-agent: *\nDisallow: /${'*a'.repeat(500)}*b$`, long, true);
test.serial('a file full of stars', hostile, full('Disallow: /***********b$'), '/a', true);
test.serial('rules too many to compare', hostile, full('Disallow: *ab'), long, false);
test.serial(
  'a part that nearly matches',
  hostile,
  full(`Disallow: *${'a'.repeat(500)}b${'a'.repeat(500)}`),
  long,
  false,
);
test.serial('long paths, plain rules', hostile, full(`Disallow: ${long.slice(0, 5000)}b`), long, true);
const names = 'User-agent: urlmill\n'.repeat(10_000);
test.serial('a long number', hostile, `User-agent: *\nCrawl-delay: ${'9'.repeat(400_000)}x`, '/a', true);
test.serial('many names with many rules', hostile, names + 'Disallow: /b\n'.repeat(20_000), '/a', true);
