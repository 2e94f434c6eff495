import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const good = 'url,fetch_status,fetch_error,fetch_url\nmailto:a,200,,mailto:a\n';

/** The command ends with this code and this one line, before any row. */
const refused = test.macro({
  exec: async (t, old: string | null, args: readonly string[], code: number, message: string) => {
    const files = { 'in.csv': 'url\nmailto:a\n', ...(old === null ? {} : { 'old.csv': old }) };
    const cwd = await temporaryFolder(t, files);
    const ended = await urlmill([...args, 'in.csv'], { cwd });
    t.is(ended.stderr, `urlmill: ${message}\n`);
    t.is(ended.stdout, '');
    t.is(ended.code, code);
  },
  title: (what) => `${what} is refused`,
});

const since = ['--since', 'old.csv'];

test(
  'an earlier result that is none',
  refused,
  'url,x\na,b\n',
  since,
  2,
  '--since: old.csv has no column "fetch_status"; is it a result, and written with this --prefix? (one with a delimiter that is not found needs the same --output-delimiter tonight)',
);
test(
  'one of another prefix',
  refused,
  good,
  [...since, '--prefix', 'web_'],
  2,
  '--since: old.csv has no column "web_status"; is it a result, and written with this --prefix? (one with a delimiter that is not found needs the same --output-delimiter tonight)',
);
test(
  'no name',
  refused,
  null,
  ['--since', ''],
  2,
  '--since: name a file, an earlier result of the same list',
);
test('a folder', refused, null, ['--since', '.'], 3, '.: is a directory; name a file');
test(
  'standard input',
  refused,
  null,
  ['--since', '-'],
  2,
  '--since: an earlier result is read more than once; save standard input as a file',
);
test(
  'an earlier result beside --retry-failed',
  refused,
  good,
  [...since, '--retry-failed', 'old.csv'],
  2,
  '--retry-failed: its FILE is the only input; in.csv cannot be read too',
);
test(
  'an earlier result of a list without a header',
  refused,
  good,
  [...since, '--no-header'],
  2,
  '--since: the columns of a result are known by its header; leave out --no-header',
);
test(
  'an earlier result with --explode',
  refused,
  good,
  [...since, '--explode', 'fetch_links', '--extract', 'links'],
  2,
  '--since compares one line of each row, and --explode writes several; leave out one of them',
);
test(
  'a change without anything to compare with',
  refused,
  good,
  ['--change-by', 'body'],
  2,
  '--change-by: there is nothing to compare with; name an earlier result by --since',
);
test(
  'a change of a column that is not written',
  refused,
  good,
  [...since, '--change-by', 'titel', '--extract', 'title', '--columns', 'status'],
  2,
  '--change-by: no column "titel" is written; there are body, text, fetch_status, fetch_etag, fetch_last_modified, fetch_sha256, fetch_change, fetch_title',
);
test(
  'a summary that would replace the earlier result',
  refused,
  good,
  [...since, '--summary', 'old.csv'],
  2,
  '--summary: old.csv is another file of this job; name one of its own',
);

test('--since and --retry-failed are not both taken', async (t) => {
  const cwd = await temporaryFolder(t, { 'old.csv': good });
  const { code, stderr } = await urlmill(['--since', 'old.csv', '--retry-failed', 'old.csv'], { cwd });
  t.is(code, 2);
  t.is(
    stderr,
    'urlmill: --since and --retry-failed both name an earlier result; run --retry-failed first, then the list with --since\n',
  );
});

test('a pipe as the earlier result is refused, as it is read more than once', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\nmailto:a\n' });
  await shell('mkfifo old.csv', [], { cwd });
  const { code, stderr } = await urlmill(['--since', 'old.csv', 'in.csv'], { cwd });
  t.deepEqual(
    [code, stderr],
    [3, 'urlmill: --since: old.csv is no file, and must be read more than once; save it as one\n'],
  );
});

test('a list whose first line is a row has no header, so nothing could be compared the next night', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'mailto:a,1\nhttp://127.0.0.1:1/,2\n', 'old.csv': good });
  const { code, stderr } = await urlmill(['-q', ...since, 'in.csv'], { cwd });
  t.deepEqual(
    [code, stderr],
    [
      2,
      'urlmill: --since: the columns of a result are known by its header, and this input has none; give it one\n',
    ],
  );
});

test('the rows that --retry-failed fetches again have no change, as the values before are gone', async (t) => {
  const header = 'url,fetch_status,fetch_error,fetch_change\n';
  const cwd = await temporaryFolder(t, {
    'old.csv': `${header}mailto:a,200,,changed\nmailto:b,,timeout,failed\n`,
  });
  const { stdout } = await urlmill(['-q', '--ordered', '--retry-failed', 'old.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_change }) => fetch_change),
    ['changed', ''],
  );
});
