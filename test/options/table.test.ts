import test from 'ava';

import { environmentLayer } from '../../src/options/resolve.ts';
import { environmentName, flagName, groups, optionNames, table } from '../../src/options/table.ts';

const flag = test.macro((t, name: string, expected: string) => t.is(flagName(name), expected));

test('a word is its flag', flag, 'quiet', 'quiet');
test('a capital becomes a dash', flag, 'maxBody', 'max-body');
test('every capital does', flag, 'urlColumnName', 'url-column-name');

const variable = test.macro((t, name: string, expected: string) => t.is(environmentName(name), expected));

test('a word is its variable', variable, 'quiet', 'URLMILL_QUIET');
test('a capital becomes an underscore', variable, 'maxBody', 'URLMILL_MAX_BODY');
test('every capital becomes one', variable, 'urlColumnName', 'URLMILL_URL_COLUMN_NAME');

test('all options can be said by a variable', (t) => {
  const environment = Object.fromEntries(optionNames.map((name) => [environmentName(name), '1']));
  t.deepEqual([...environmentLayer(environment).said.keys()], [...optionNames]);
});

test('the groups hold every option once', (t) => {
  t.deepEqual([...optionNames], Object.keys(table));
  t.is(new Set(optionNames.map(flagName)).size, optionNames.length);
  t.deepEqual(
    groups.map(({ title }) => title),
    ['Input', 'Request', 'Processing', 'Output', 'Watching'],
  );
});

test('no two options have one letter, nor that of --help or --version', (t) => {
  const letters = optionNames.flatMap((name) => table[name].short ?? []);
  t.deepEqual([...new Set([...letters, 'h', 'V'])], [...letters, 'h', 'V']);
  t.true(letters.every((letter) => /^[A-Za-z]$/.test(letter)));
});

test('the letters are those of curl where it has them', (t) => {
  const letters = optionNames.flatMap((name) =>
    table[name].short === null ? [] : [[name, table[name].short]],
  );
  t.deepEqual(Object.fromEntries(letters), {
    urlColumn: 'u',
    delimiter: 'd',
    concurrency: 'c',
    method: 'X',
    header: 'H',
    userAgent: 'A',
    output: 'o',
    quiet: 'q',
  });
});

test('every option has a help text', (t) => {
  const texts = optionNames.map((name) => table[name].help);
  t.true(texts.every((text) => /^\S.*\.$/.test(text)));
  t.is(new Set(texts).size, texts.length);
});

test('a value has a placeholder, a switch none', (t) => {
  for (const name of optionNames) t.is(table[name].hint === '', table[name].kind === 'switch', name);
});

test('the default that an option shows is the one that it has', (t) => {
  for (const name of optionNames) {
    const { fallback, read } = table[name];
    if (fallback !== '') t.deepEqual(read(fallback), read(undefined), name);
  }
});

const kinds = test.macro((t, kind: string, expected: readonly string[]) => {
  t.deepEqual(
    optionNames.filter((name) => table[name].kind === kind),
    expected,
  );
});

test('the switches', kinds, 'switch', [
  'noHeader',
  'headerLine',
  'followMeta',
  'once',
  'head',
  'aia',
  'insecure',
  'denyPrivate',
  'allowPrivate',
  'robots',
  'strict',
  'warcRedirects',
  'skipSaved',
  'outputBom',
  'crlf',
  'excelSafe',
  'excel',
  'ordered',
  'resume',
  'quiet',
]);
test('the options that may be given several times', kinds, 'list', [
  'header',
  'secretParam',
  'connectTo',
  'dnsServer',
  'select',
  'xpath',
  'json',
  'regex',
  'responseHeader',
  'moduleOption',
]);

const checked = test.macro((t, name: keyof typeof table, wrong: string) => {
  t.throws(() => table[name].read(wrong), { instanceOf: RangeError });
});

test('a default scheme is checked', checked, 'defaultScheme', 'ftp');
test('a delimiter is checked', checked, 'delimiter', ',,');
test('an output delimiter is checked', checked, 'outputDelimiter', '"');
test('an output delimiter is in no number', checked, 'outputDelimiter', '-');
test('an input format is checked', checked, 'inputFormat', 'xml');
test('a concurrency is at least 1', checked, 'concurrency', '0');
test('a limit per host is at least 1', checked, 'perHost', '0');
test('a look-ahead is at least 1', checked, 'lookAhead', '0');
test('a share of failures is at most 100 %', checked, 'failOn', '101');
test('a share of failures is a number', checked, 'failOn', 'many');
test('a time limit is checked', checked, 'timeLimit', '30');
test('a limit of failures is at least 1', checked, 'maxFailures', '0');
test('a grace is checked', checked, 'grace', '-1s');
test('a timeout is checked', checked, 'timeout', '30');
test('a connect timeout is checked', checked, 'connectTimeout', '0s');
test('a number of redirects is checked', checked, 'maxRedirects', '-1');
test('a largest body is checked', checked, 'maxBody', '5GiB');
test('a method is checked', checked, 'method', 'G T');
test('a header is checked', checked, 'header', 'x');
test('a store of certificates is checked', checked, 'ca', 'mozilla');
test('a connect rule is checked', checked, 'connectTo', 'x');
test('an output format is checked', checked, 'outputFormat', 'lines');
test('what makes a page changed is checked', checked, 'changeBy', 'body,');
test('memory for an earlier result is checked', checked, 'sinceMemory', 'much');
test('a way to the next page is checked', checked, 'next', 'json');
test('an exploded column is checked', checked, 'explode', '');
test('when to show progress is checked', checked, 'progress', 'often');

const least = test.macro((t, name: 'concurrency' | 'perHost' | 'lookAhead') => {
  t.is(table[name].read('1'), 1);
});

test('one request at once can be wanted', least, 'concurrency');
test('one request to a host at once can be wanted', least, 'perHost');
test('a look-ahead of one row can be wanted', least, 'lookAhead');

test('no redirects at all can be wanted', (t) => {
  t.is(table.maxRedirects.read('0'), 0);
});
