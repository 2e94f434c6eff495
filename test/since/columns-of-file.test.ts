import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { changes, nights } from './nights.ts';

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
const isBad = (line: string): boolean => line.includes('n/a');

test('the URL column is that of the input, whatever stands first in an earlier result', async (t) => {
  const { night, cwd, server, notices } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.csv');
  const rows = Array.from(
    { length: 400 },
    (_, row) => `${row},${row > 100 && row % 2 === 0 ? 'n/a' : `${server.url}/${row}`}`,
  );
  await writeFile(input, lines(['id,target', ...rows]));
  await night({ input });
  const path = join(cwd, 'out.csv');
  const [header = '', ...all] = (await readFile(path, 'utf8')).trim().split('\n');
  // A run without --ordered may write this order: rows without a request are done first.
  await writeFile(path, lines([header, ...all.filter(isBad), ...all.filter((line) => !isBad(line))]));
  t.deepEqual(new Set(changes(await night({ input }))), new Set(['still-failing']));
  t.deepEqual(notices, []);
});

test('a column of last night that looks like URLs is not taken for that of the list', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': `<a href="https://a.test/">a</a>` });
  const input = join(cwd, 'in.csv');
  await writeFile(input, `id,target\n1,${server.url}/a\n`);
  await night({ input, select: ['url=a@href'] });
  t.deepEqual(changes(await night({ input })), ['same']);
});

test('a list with comments behind its URLs is found again', async (t) => {
  const { night, list } = await nights(t, { '/a': 'a' });
  await list(['/a # note', '/a#x # note', '/b']);
  await night();
  t.deepEqual(changes(await night()), ['same', 'same', 'still-failing']);
});

test('of two columns of one name the same is taken in both', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.csv');
  await writeFile(input, `target,id,target\nx,1,${server.url}/a\n`);
  const options = { input, urlColumn: '3' };
  await night(options);
  t.deepEqual(changes(await night(options)), ['same']);
});

test('a key that few objects of JSON have is found behind the columns as well', async (t) => {
  const { once, cwd, server, notices } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.jsonl');
  const options = { input, output: join(cwd, 'out.jsonl'), header: ['X-T: {tok}'] };
  const plain = Array.from({ length: 150 }, () => `{"url":"${server.url}/a"}`);
  const special = `{"url":"${server.url}/a","tok":"t"}`;
  const changesOf = async (): Promise<unknown[]> => {
    const text = await readFile(options.output, 'utf8');
    return text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { fetch_change: unknown }).fetch_change);
  };
  await writeFile(input, lines([special, ...plain]));
  await once(options);
  const [first = '', ...others] = (await readFile(options.output, 'utf8')).trim().split('\n');
  await writeFile(options.output, lines([...others, first]));
  await once(options);
  t.deepEqual(new Set(await changesOf()), new Set(['same']));
  t.deepEqual(notices, []);
});

const lacking = test.macro(
  async (
    t,
    before: { header: string; options?: object },
    after: { header: string; options: (url: string) => object },
    missing: string,
  ) => {
    const { night, cwd, server, notices } = await nights(t, { '/a': 'a', '/a?t': 'a', '/a?t=1': 'a' });
    const input = join(cwd, 'in.csv');
    await writeFile(input, `${before.header}\n${server.url}/a,1\n`);
    await night({ input, ...before.options });
    await writeFile(input, `${after.header}\n${server.url}/a,1,1\n`);
    const options = { input, ...after.options(server.url) };
    t.deepEqual(changes(await night(options)), ['new']);
    t.deepEqual(notices, [
      `--since: ${join(cwd, 'out.csv')} has no column "${missing}", so every row is new`,
    ]);
    t.deepEqual(changes(await night(options)), ['same']);
    t.deepEqual(notices, []);
  },
);
const plain = { header: 'url,id' };
test(
  'a new column in a header makes every row new',
  lacking,
  plain,
  {
    header: 'url,id,tok',
    options: () => ({ header: ['X-T: {tok}'] }),
  },
  'tok',
);
test(
  'a new column in the data does so',
  lacking,
  plain,
  {
    header: 'url,id,tok',
    options: () => ({ data: '{tok}' }),
  },
  'tok',
);
test(
  'a new column in the template does so',
  lacking,
  plain,
  {
    header: 'url,id,tok',
    options: (url) => ({ urlTemplate: `${url}/a?t={tok}` }),
  },
  'tok',
);
test(
  'another name of the URL column does so',
  lacking,
  plain,
  {
    header: 'address,id,tok',
    options: () => ({ urlColumn: 'address' }),
  },
  'address',
);
test(
  'another name that is found does so',
  lacking,
  plain,
  {
    header: 'address,id,tok',
    options: () => ({}),
  },
  'address',
);

test('another case of the name is the same column', async (t) => {
  const { night, cwd, server } = await nights(t, { '/a': 'a' });
  const input = join(cwd, 'in.csv');
  await writeFile(input, `URL,id\n${server.url}/a,1\n`);
  await night({ input });
  await writeFile(input, `id,url\n1,${server.url}/a\n`);
  t.deepEqual(changes(await night({ input })), ['same']);
});

test('a delimiter that none would look for is found, whatever that of tonight is', async (t) => {
  const { once, cwd, notices } = await nights(t, { '/a': 'a', '/b': 'b' });
  const output = join(cwd, 'out.csv');
  const options = { output, outputDelimiter: '^', columns: 'status' };
  await once(options);
  await once(options);
  t.deepEqual(notices, [
    `--since: every page is fetched whole, as ${output} has no column "fetch_error", "fetch_url"`,
  ]);
  t.regex(await readFile(output, 'utf8'), /\^same/);
  await once({ ...options, outputDelimiter: undefined });
  t.regex(await readFile(output, 'utf8'), /,same/);
});

test('an earlier result without a row is none, and nothing is said of the input', async (t) => {
  const { night, cwd, notices } = await nights(t, { '/a': 'a' });
  await night();
  const path = join(cwd, 'out.csv');
  const [header] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, `${header}\n`);
  t.deepEqual(changes(await night()), ['new']);
  t.deepEqual(notices, [`--since: ${path} holds no row, so every row is new`]);
});

test('what does not look like a URL is told of the list, and not of the earlier result', async (t) => {
  const { night, cwd, notices } = await nights(t, {});
  const input = join(cwd, 'in.csv');
  await writeFile(input, lines(['word,x', ...Array.from({ length: 120 }, (_, row) => `${row} ${row},`)]));
  const options = { input, urlColumn: 'word' };
  await night(options);
  const said = notices.find((text) => text.startsWith('--url-column'));
  t.not(said, undefined);
  await night(options);
  t.deepEqual(notices, [said]);
});

test('a line that cannot be read is told of', async (t) => {
  const { night, cwd, notices } = await nights(t, { '/a': 'a', '/b': 'b', '/c': 'c' });
  await night();
  const path = join(cwd, 'out.csv');
  const all = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, all.map((line, at) => (at === 2 || at === 3 ? line.slice(0, 30) : line)).join('\n'));
  t.deepEqual(changes(await night()), ['same', 'new', 'new']);
  t.regex(notices[0] ?? '', /^--since: .*out\.csv: row 2 cannot be read \(.*\); /);
  t.is(notices.length, 1);
});

test('a line that is too long to be read is told of, with its number', async (t) => {
  const { night, cwd, notices, server } = await nights(t, { '/a': 'a', '/b': 'b' });
  await night();
  const path = join(cwd, 'out.csv');
  const [header, first = '', second] = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, lines([`${header},body`, `${first},${'x'.repeat(17 * 2 ** 20)}`, `${second},b`]));
  t.is(server.requests.length, 2);
  t.deepEqual(changes(await night()), ['new', 'same']);
  t.regex(notices[0] ?? '', /out\.csv: row 1 cannot be read \(line 2 is longer than 16 MiB\)/);
});
