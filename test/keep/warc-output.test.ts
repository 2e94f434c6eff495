import { appendFile, mkdir, readFile, readdir, stat, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { WarcOutput } from '../../src/keep/warc-output.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { field, warcRecords } from '../helpers/warc-records.ts';
import { numbered, recordsIn } from './exchanges.ts';

const goodName = 'urlmill-20260102T030405Z-0123abcd.warc.gz';

test('a new file is for its owner alone, and begins with what tells of it', async (t) => {
  const folder = join(await temporaryFolder(t), 'warcs');
  const before = Math.floor(Date.now() / 1000) * 1000;
  const output = await WarcOutput.open(folder, null);
  const { name, end } = output.position();
  const [, time = '', second = ''] = /^urlmill-(\d{8}T\d{4})(\d\d)Z-[0-9a-f]{8}\.warc\.gz$/.exec(name) ?? [];
  const date = Date.parse(`${time.replace(/^(....)(..)(..)T(..)(..)$/, '$1-$2-$3T$4:$5')}:${second}Z`);
  t.true(date >= before && date <= Date.now(), name);
  const path = join(folder, name);
  t.is((await stat(folder)).mode & 0o777, 0o700);
  t.is((await stat(path)).mode & 0o777, 0o600);
  t.is((await stat(path)).size, end);
  await output.close();
  const records = await recordsIn(folder);
  t.deepEqual(
    records.map((record) => field(record, 'WARC-Type')),
    ['warcinfo'],
  );
  t.is(records[0] && field(records[0], 'WARC-Filename'), name);
});

test('what is added is in the file when its place is known', async (t) => {
  const folder = await temporaryFolder(t);
  const output = await WarcOutput.open(folder, null);
  const { name, end } = output.position();
  t.is(await output.add([numbered(1)]), `${name}#${end}`);
  const bytes = await readFile(join(folder, name));
  t.is(output.position().end, bytes.length);
  const types = warcRecords(bytes).map((record) => field(record, 'WARC-Type'));
  t.deepEqual(types, ['warcinfo', 'response', 'request']);
  await output.sync();
  await output.close();
});

test('two hundred at once come in order, large and small, each at its place', async (t) => {
  const folder = await temporaryFolder(t);
  const output = await WarcOutput.open(folder, null);
  const sizes = Array.from({ length: 200 }, (_, i) => (i % 20 === 3 ? 300_000 : i % 7 === 0 ? 40_000 : i));
  const settled: number[] = [];
  const places = await Promise.all(
    sizes.map(async (size, i) => {
      const place = await output.add([numbered(i, size)]);
      settled.push(i);
      return place;
    }),
  );
  t.deepEqual(settled, [...sizes.keys()]);
  await output.sync();
  await output.close();
  const responses = (await recordsIn(folder)).filter((record) => field(record, 'WARC-Type') === 'response');
  t.deepEqual(
    responses.map((record) => field(record, 'WARC-Target-URI')),
    sizes.map((_, i) => `https://example.org/${i}`),
  );
  t.deepEqual(
    responses.map(({ offset }) => `${output.position().name}#${offset}`),
    places,
  );
  t.deepEqual(
    responses.map(({ payload }) => payload.length),
    sizes,
  );
});

test('sync() and close() wait for what was added before', async (t) => {
  const folder = await temporaryFolder(t);
  const output = await WarcOutput.open(folder, null);
  void output.add([numbered(1, 500_000)]);
  await output.sync();
  t.is((await recordsIn(folder)).length, 3);
  void output.add([numbered(2, 500_000)]);
  await output.close();
  t.is((await recordsIn(folder)).length, 5);
});

test('a later run cuts off what was not committed, and goes on', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await WarcOutput.open(folder, null);
  await first.add([numbered(1)]);
  const committed = first.position();
  await first.add([numbered(2)]);
  await first.close();
  // An incomplete record, as a power cut leaves.
  await appendFile(join(folder, committed.name), Buffer.from('1f8b08000000', 'hex'));
  const second = await WarcOutput.open(folder, committed);
  t.deepEqual(second.position(), committed);
  t.is(await second.add([numbered(3)]), `${committed.name}#${committed.end}`);
  await second.sync();
  await second.close();
  const responses = (await recordsIn(folder)).filter((record) => field(record, 'WARC-Type') === 'response');
  t.deepEqual(
    responses.map((record) => field(record, 'WARC-Target-URI')),
    ['https://example.org/1', 'https://example.org/3'],
  );
});

test('a file that is shorter than what was committed is not gone on with', async (t) => {
  const folder = await temporaryFolder(t);
  const output = await WarcOutput.open(folder, null);
  await output.add([numbered(1)]);
  const committed = output.position();
  await output.close();
  const path = join(folder, committed.name);
  await truncate(path, 100);
  await t.throwsAsync(WarcOutput.open(folder, committed), {
    instanceOf: OutputError,
    message: `${path}: has 100 of the ${committed.end} bytes that belong to rows of earlier runs; put it back, or begin anew without --resume`,
  });
  t.is((await stat(path)).size, 100);
});

test('a file that is missing is not gone on with, and not made', async (t) => {
  const folder = await temporaryFolder(t);
  await t.throwsAsync(WarcOutput.open(folder, { name: goodName, end: 100 }), {
    instanceOf: OutputError,
    message: `${join(folder, goodName)}: is missing, and holds bodies of rows of earlier runs; put it back, or begin anew without --resume`,
  });
  t.deepEqual(await readdir(folder), []);
});

test('a name that is not of its own making is refused', async (t) => {
  const folder = await temporaryFolder(t, { [goodName]: 'x'.repeat(200), 'in/x': '' });
  const inner = join(folder, 'in');
  for (const name of [`../${goodName}`, join(folder, goodName), 'x', '', `${goodName}\n`, `in/${goodName}`]) {
    await t.throwsAsync(WarcOutput.open(inner, { name, end: 100 }), {
      instanceOf: OutputError,
      message: `${inner}: holds no WARC file such as ${JSON.stringify(name)} with 100 bytes; begin anew without --resume`,
    });
  }
  for (const end of [0, -1, 1.5, Number.NaN]) {
    await t.throwsAsync(WarcOutput.open(folder, { name: goodName, end }), { instanceOf: OutputError });
  }
  t.is((await stat(join(folder, goodName))).size, 200);
});

test('a link and a directory in the place of the file are not written to', async (t) => {
  const folder = await temporaryFolder(t, { theirs: 'x'.repeat(200) });
  await symlink('theirs', join(folder, goodName));
  const other = goodName.replace('0123', '4567');
  await mkdir(join(folder, other));
  for (const name of [goodName, other])
    await t.throwsAsync(WarcOutput.open(folder, { name, end: 100 }), { instanceOf: OutputError });
  t.is((await stat(join(folder, 'theirs'))).size, 200);
});

test('a directory that cannot be made is named', async (t) => {
  const folder = await temporaryFolder(t, { file: '' });
  for (const [path, words] of [
    [join(folder, 'file'), 'not a directory'],
    [join(folder, 'missing', 'warcs'), 'no such file or directory'],
  ] as const) {
    const error = await t.throwsAsync(WarcOutput.open(path, null), { instanceOf: OutputError });
    t.true(error.message.startsWith(`${path}: cannot be written: ${words}`), error.message);
  }
});
