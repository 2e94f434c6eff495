import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const files = {
  // Nothing listens on port 1, which is reserved: a run that begins by mistake does no harm.
  'urls.csv': 'id,url\n1,http://127.0.0.1:1/\n',
  'folder/file': '',
  'bad-headers.txt': 'X-Good: 1\nno header at all\n',
  'nested-headers.txt': '@urls.csv\n',
};

/** A mistake of the user ends the run with code 2 and one line that names it. */
const refused = test.macro({
  exec: async (t, args: readonly string[], message: RegExp) => {
    const cwd = await temporaryFolder(t, files);
    const { code, stdout, stderr } = await urlmill(args, { cwd });
    t.regex(stderr, message);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.is(stdout, '');
    t.is(code, 2);
  },
  title: (what) => `${what} is refused with code 2`,
});

test(
  'a misspelt option',
  refused,
  ['--concurency', '3', 'urls.csv'],
  /--concurency: there is no such option; did you mean --concurrency\?\n$/,
);
test('an unknown letter', refused, ['-Z', 'urls.csv'], /-Z: there is no such option/);
test(
  '--no- before an option with a value',
  refused,
  ['--no-timeout', 'urls.csv'],
  /--no-timeout: there is no such option/,
);
test('a value for a switch', refused, ['--ordered=yes', 'urls.csv'], /--ordered: takes no value/);
test('an option without its value', refused, ['urls.csv', '--timeout'], /--timeout: a value is missing/);
test('a letter without its value', refused, ['urls.csv', '-c'], /-c: a value is missing/);
test('--config without its value', refused, ['urls.csv', '--config'], /--config: a value is missing/);
test(
  'an option in the place of a value',
  refused,
  ['--timeout', '--ordered', 'urls.csv'],
  /--timeout: a value is missing before --ordered/,
);
test(
  'no requests at once',
  refused,
  ['-c', '0', 'urls.csv'],
  /--concurrency: .*at least 1 is needed, got "0"/,
);
test('half a request', refused, ['--per-host', '1.5', 'urls.csv'], /--per-host: a whole number/);
test('a negative number', refused, ['--look-ahead=-1', 'urls.csv'], /--look-ahead: a whole number/);
test('a duration without a unit', refused, ['--timeout', '30', 'urls.csv'], /--timeout: a duration like/);
test('a duration of nothing', refused, ['--connect-timeout', '0s', 'urls.csv'], /--connect-timeout: a dur/);
test('a size in an unknown unit', refused, ['--max-body', '3XB', 'urls.csv'], /--max-body: a size like/);
test('an unknown input format', refused, ['--input-format', 'xml', 'urls.csv'], /csv, tsv, lines, jsonl/);
test('an unknown output format', refused, ['--output-format', 'lines', 'urls.csv'], /csv, tsv, jsonl/);
test('an unknown moment for progress', refused, ['--progress', 'often', 'urls.csv'], /auto, always, never/);
test('an unknown default scheme', refused, ['--default-scheme', 'ftp', 'urls.csv'], /--default-scheme: http/);
test('a delimiter of two characters', refused, ['-d', '::', 'urls.csv'], /--delimiter: one ASCII character/);
test('a method that is none', refused, ['-X', 'GET IT', 'urls.csv'], /--method: "GET IT" is not a method/);
test('a header without a colon', refused, ['-H', 'Accept', 'urls.csv'], /--header: a header "Name: value"/);
test('a header of the framing', refused, ['-H', 'Content-Length: 3', 'urls.csv'], /Content-Length is set by/);
test(
  'a header with a line break',
  refused,
  ['-H', 'A: b\r\nC: d', 'urls.csv'],
  /A holds a control character/,
);
test('a missing file of headers', refused, ['-H', '@none.txt', 'urls.csv'], /--header: none\.txt cannot be/);
test('a bad file of headers', refused, ['-H', '@bad-headers.txt', 'urls.csv'], /bad-headers\.txt: line 2: /);
test(
  'a file of headers within one',
  refused,
  ['-H', '@nested-headers.txt', 'urls.csv'],
  /txt: line 1: a head/,
);
test(
  'a missing file of data',
  refused,
  ['--data-file', 'none', 'urls.csv'],
  /--data-file: none cannot be read/,
);
test('data from two places', refused, ['--data', 'a', '--data-file', 'urls.csv', 'urls.csv'], /cannot both/);
test('a missing file of authorities', refused, ['--cacert', 'none', 'urls.csv'], /--cacert: none cannot be/);
test(
  'a file of authorities without any',
  refused,
  ['--cacert', 'urls.csv', 'urls.csv'],
  /--cacert: urls\.csv/,
);
test('a connection rule that is none', refused, ['--connect-to', 'a:b', 'urls.csv'], /H1:P1:H2:P2 is needed/);
test(
  'an unknown extractor',
  refused,
  ['--extract', 'titel', 'urls.csv'],
  /no extractor "titel"; there are title/,
);
test('an extractor named twice', refused, ['--extract', 'title,title', 'urls.csv'], /title is named twice/);
test(
  'an unknown result column',
  refused,
  ['--columns', '+stat', 'urls.csv'],
  /no column "stat"; there are stat/,
);
test('a set of no columns', refused, ['--columns=-all', 'urls.csv'], /--columns: no column is left/);
test(
  'an unknown column of a header',
  refused,
  ['-H', 'X-Id: {ident}', 'urls.csv'],
  /--header X-Id: .*"ident"/,
);
test(
  'an unknown column of the data',
  refused,
  ['--data', '{ident}', 'urls.csv'],
  /--data: .*no column "ident"/,
);
test(
  'an unknown column of a template',
  refused,
  ['--url-template', 'http://a/{ident}', 'urls.csv'],
  /--url-template: there is no column "ident"; the columns are id, url/,
);
test(
  'a template beside a URL column',
  refused,
  ['--url-template', 'http://a/{id}', '-u', 'url', 'urls.csv'],
  /--url-template and --url-column cannot both/,
);
test('an unknown URL column', refused, ['-u', 'homepage', 'urls.csv'], /no column "homepage"; .*"id", "url"/);
test(
  'a URL column beyond the last',
  refused,
  ['-u', '3', 'urls.csv'],
  /--url-column: there is no column "3"/,
);

for (const [args, near] of [
  [['-u', 'ulr'], '"url"'],
  [['--url-template', 'http://a/{ulr}'], '"url"'],
  [['--data', '{ulr}'], '"url"'],
  [['--columns', 'stauts'], '"status"'],
  [['--extract', 'tilte'], '"title"'],
  [['--extract', 'title', '--explode', 'fetch_tilte'], '"fetch_title"'],
  [['--per-hots', '3'], '--per-host'],
] as const) {
  const message = new RegExp(`; did you mean ${near}\\?\\n$`);
  test(`a mistyped name, and the nearest one: ${args.join(' ')}`, refused, [...args, 'urls.csv'], message);
}
