import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import test from 'ava';

import { openOutput } from '../../src/write/open-output.ts';
import { someJob, writeJournal } from '../helpers/journals.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { commits, opened, otherJob } from './opened-outputs.ts';
import type { Left } from './opened-outputs.ts';

const both = ['out.csv.journal', 'out.csv.part'];
const stamp = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ/;

/** The files left by an earlier run are kept under another name, unchanged. */
const setsAside = test.macro({
  exec: async (t, left: Left, reason: string, resume: boolean) => {
    const { output, earlier, notices, names, path } = await opened(t, left, { resume });
    t.is(earlier, null);
    t.is(output?.safeRows(), 0);
    t.deepEqual(
      notices.map((text) => text.replace(stamp, 'STAMP')),
      [`out.csv.part was left by another run (${reason}); it is kept as out.STAMP.csv.part`],
    );
    const hasJournal = left.journal !== undefined || left.text !== undefined;
    t.deepEqual(
      names.map((name) => name.replace(stamp, 'STAMP')),
      [
        ...(hasJournal ? ['out.STAMP.csv.journal'] : []),
        ...(left.part === undefined ? [] : ['out.STAMP.csv.part']),
        ...both,
      ].toSorted(),
    );
    const aside = names.find((name) => name.endsWith('Z.csv.part'));
    const kept = aside === undefined ? undefined : await readFile(join(path, '..', aside), 'utf8');
    t.is(kept, left.part);
    t.is(await readFile(`${path}.part`, 'utf8'), '');
  },
  title: (what) => `${what}: it is set aside`,
});

const part = 'x'.repeat(33);
test(
  'another job',
  setsAside,
  { part, journal: commits, job: otherJob },
  'it was made with another --method',
  true,
);
test(
  'the same job without --resume',
  setsAside,
  { part, journal: commits },
  '--resume would have gone on with it',
  false,
);
test('a part without a journal', setsAside, { part }, 'it has no journal that can be read', true);
test(
  'a part with an empty journal',
  setsAside,
  { part, text: '' },
  'it has no journal that can be read',
  true,
);
test(
  'a part with another journal',
  setsAside,
  { part, text: 'a,b\n' },
  'it has no journal that can be read',
  true,
);
test(
  'a part shorter than its first commit',
  setsAside,
  { part: 'x', journal: commits },
  'its journal is damaged',
  true,
);
test(
  'the same without --resume',
  setsAside,
  { part: 'x', journal: commits, job: otherJob },
  'its journal is damaged',
  false,
);

const first = record({ format: 1, ...someJob });
const commit = record({ end: 30, rows: [1, -1], figures: null });
const damaged = 'its journal is damaged';
test(
  'a first commit that is damaged',
  setsAside,
  { part, text: first + commit.replace('30', '31') },
  damaged,
  true,
);
test(
  'a file called FILE.journal that is none, without a part',
  setsAside,
  { text: 'my diary' },
  'it has no journal that can be read',
  false,
);
test('a first commit that is cut', setsAside, { part, text: first + commit.slice(0, 20) }, damaged, true);

function record(content: object): string {
  const json = JSON.stringify(content);
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

const asideNames = test.macro({
  exec: async (t, name: string, expected: string) => {
    const { names } = await opened(t, { part, journal: commits }, { name, resume: false });
    t.deepEqual(
      names.filter((other) => stamp.test(other)).map((other) => other.replace(stamp, 'STAMP')),
      [`${expected}.journal`, `${expected}.part`],
    );
  },
  title: (_, name: string, expected: string) => `what is left of ${name} is kept as ${expected}`,
});

test(asideNames, 'out.csv', 'out.STAMP.csv');
test(asideNames, 'out.csv.gz', 'out.STAMP.csv.gz');
test(asideNames, 'out.gz', 'out.STAMP.gz');
test(asideNames, 'OUT.CSV', 'OUT.STAMP.CSV');
test(asideNames, 'out', 'out.STAMP');
test(asideNames, 'out.v1.jsonl', 'out.v1.STAMP.jsonl');

test('a dot in the name of a folder is no extension', async (t) => {
  const others = { 'a.folder/out.part': part };
  const { path, notices } = await opened(t, { others }, { name: 'a.folder/out' });
  const names = await readdir(join(path, '..'));
  t.deepEqual(names.map((name) => name.replace(stamp, 'STAMP')).toSorted(), [
    'out.STAMP.part',
    'out.journal',
    'out.part',
  ]);
  t.regex(notices[0] ?? '', /kept as a\.folder\/out\.[^/]+\.part$/);
});

test('nothing that was set aside before is overwritten', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.csv');
  // A part without a journal, a journal without a part, or both, all within a second or two.
  for (let n = 1; n <= 5; n++) {
    await writeFile(`${path}.part`, `${n}`);
    await writeJournal(`${path}.journal`, [[1, [n]]], { job: otherJob });
    const { output } = await openOutput(path, { job: someJob, resume: true, notice: () => {} });
    await output?.abandon();
  }
  const names = await readdir(folder);
  const texts = await Promise.all(
    names.filter((name) => name.endsWith('.part')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  t.deepEqual(texts.toSorted(), ['1', '2', '3', '4', '5']);
  t.is(names.filter((name) => name.endsWith('.journal')).length, 5);
});

test('a journal that was set aside before is not overwritten either', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.csv');
  const now = Date.now();
  // All names for the seconds in which the test may run.
  const stamps = Array.from({ length: 60 }, (_, i) =>
    new Date(now + (i - 2) * 1000).toISOString().replace(/\.\d+/, '').replaceAll(':', '-'),
  );
  for (const date of stamps) await writeFile(join(folder, `out.${date}.csv.journal`), 'kept');
  await writeFile(`${path}.part`, part);
  await writeJournal(`${path}.journal`, commits, { job: otherJob });
  const { output } = await openOutput(path, { job: someJob, resume: true, notice: () => {} });
  await output?.abandon();
  for (const date of stamps) t.is(await readFile(join(folder, `out.${date}.csv.journal`), 'utf8'), 'kept');
  const names = await readdir(folder);
  t.is(names.filter((name) => /Z-2\.csv\.(part|journal)$/.test(name)).length, 2);
});
