import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { byLabel, filesOf, image, manifest, naming, site, three } from './image-sets.ts';

test('files have the names of columns, with the extension for their media type', async (t) => {
  const types = [
    'image/jpeg',
    'image/png; a=b',
    'audio/mpeg',
    'text/html',
    'x/unknown',
    'application/octet-stream',
  ];
  const { cwd, run, files } = await site(
    t,
    types.map((_, i) => [String(i), i < 3 ? 'cat' : 'dog', `/${i}.webp`]),
    ({ url }, response) => {
      response.writeHead(200, { 'content-type': types[Number(url[1])] ?? '' }).end(url);
    },
  );
  const names = ['cat/0.jpg', 'cat/1.png', 'cat/2.mp3', 'dog/3.html', 'dog/4', 'dog/5.webp'];
  t.deepEqual(filesOf(await run(...byLabel)), names);
  t.deepEqual(await files(), names);
  for (const [i, name] of names.entries()) t.is(await readFile(join(cwd, 'set', name), 'utf8'), `/${i}.webp`);
});

test('{host} and {sha256} are known too, and a column of such a name comes first', async (t) => {
  const { run } = await site(t, [['1', 'cat', '/a']]);
  t.deepEqual(filesOf(await run(...naming, '{host}/{SHA256}.bin')), [
    `127.0.0.1/${placeOf('/a').slice(6)}.bin`,
  ]);
  const server = await httpServer(t, image);
  const cwd = await temporaryFolder(t, { 'own.csv': `url,ext\n${server.url}/a,.mine\n` });
  const { stdout } = await urlmill([...naming, 'a{ext}', 'own.csv'], { cwd });
  t.deepEqual(filesOf(csvObjects(stdout)), ['a.mine']);
});

test('no cell leads out of the folder, or makes a name that a system refuses', async (t) => {
  const cells = [
    '..',
    '../../etc/passwd',
    '/etc/passwd',
    String.raw`..\..\x`,
    'C:evil',
    'a:stream',
    'CON',
    'nul.txt',
    'com1.txt',
    'LPT¹',
    'aux .jpg',
    'a\u0000b',
    'line\nbreak',
    '\u001b[31m',
    'end. . ',
    '.hidden',
    '.tmp-1',
    manifest,
    '',
    ' ',
    'x'.repeat(5000),
    '\u{1f600}'.repeat(300),
    '\u202egpj.exe',
    'a/b/c',
    '?*<>|"',
    '-',
  ];
  const { cwd, run, files } = await site(
    t,
    cells.flatMap((text, i) => [
      [text, 'x', `/a${i}`],
      ['1', text, `/b${i}`],
    ]),
  );
  const rows = await run(...byLabel);
  const names = await files();
  t.is(names.length, 2 * cells.length);
  t.deepEqual(filesOf(rows).toSorted(), names.toSorted());
  for (const name of names) {
    const parts = name.split('/');
    t.is(parts.length, 2, name);
    for (const part of parts) {
      t.true(Buffer.byteLength(part) <= 255, name);
      t.notRegex(part, /^$|^\.|[. ]$|[\p{Cc}<>:"\\|?*\u202e]/u);
      t.notRegex(part, /^(?:con|prn|aux|nul|com\d|lpt[\d¹])\s*(?:\.|$)/i);
    }
  }
  for (const row of rows) {
    const path = (row['url'] ?? '').replace(/^.*(?=\/[ab]\d+$)/, '');
    t.is(await readFile(join(cwd, 'set', row['fetch_file'] ?? ''), 'utf8'), path);
  }
  t.deepEqual(
    (await filesIn(cwd)).filter((name) => !name.startsWith('set/')),
    ['in.csv'],
  );
});

for (const [template, names] of [
  ['{label}{ext}', ['_.jpg', '_-2.jpg', '_x.jpg']],
  ['{label}{id}{ext}', ['_.jpg', '_-2.jpg', '_x.jpg']],
  ['{label}.tar{ext}', ['_.tar.jpg', '_-2.tar.jpg', '_x.tar.jpg']],
  ['{label}.txt', ['_.txt', '_-2.txt', '_x.txt']],
  ['{label}.d/{label}{ext}', ['_.d/_.jpg', '_.d/_-2.jpg', '_x.d/_x.jpg']],
  ['{ext}', ['_.jpg', '_-2.jpg', '_-3.jpg']],
  ['.{label}{ext}', ['_.jpg', '_ .jpg', '_.x.jpg']],
] as const) {
  test(`an empty cell leaves the extension of a file named ${template}`, async (t) => {
    const { run } = await site(t, [
      ['', '', '/a'],
      ['', ' ', '/b'],
      ['', '.x', '/c'],
    ]);
    t.deepEqual(filesOf(await run(...naming, template, '--concurrency', '1')), [...names]);
  });
}

test('of rows with one name the later ones get numbers; case and Unicode form make no other name', async (t) => {
  const { run, files } = await site(t, three);
  const names = ['cat/1.jpg', 'CAT/1-2.jpg', 'cat/1-3.jpg', 'cat/\u00e9.jpg', 'cat/\u00e9-2.jpg'];
  t.deepEqual(filesOf(await run('-c', '1', ...byLabel)), names);
  t.deepEqual(filesOf(await run('-c', '1', ...byLabel)), names);
  t.deepEqual(await files(), names.toSorted());
});

test('a thousand rows with one name have a thousand files', async (t) => {
  const rows = Array.from({ length: 1000 }, (_, i) => ['1', 'cat', `/${i}`] as const);
  const { run, files } = await site(t, rows);
  t.is(new Set(filesOf(await run(...byLabel))).size, 1000);
  t.is((await files()).length, 1000);
});

test('--save-clash skip saves the first only, and fail tells', async (t) => {
  const first = await site(t, three);
  const skipped = await first.run('-c', '1', ...byLabel, '--save-clash', 'skip', '--columns', 'error');
  t.deepEqual(filesOf(skipped), ['cat/1.jpg', '', '', 'cat/\u00e9.jpg', '']);
  t.deepEqual(new Set(skipped.map((row) => row['fetch_error'])), new Set(['']));
  const second = await site(t, three);
  const failed = await second.run(
    '-c',
    '1',
    ...byLabel,
    '--save-clash',
    'fail',
    '--columns',
    'error,error_detail',
  );
  t.deepEqual(filesOf(failed), filesOf(skipped));
  t.like(failed[1], {
    fetch_error: 'process-failed',
    fetch_error_detail: '--save-as: "CAT/1.jpg" is the file of another row',
  });
});

test('rows share the file of a name that holds the hash', async (t) => {
  const { run, files } = await site(
    t,
    [
      ['1', 'cat', '/a'],
      ['2', 'cat', '/b'],
    ],
    (_, response) => response.end('same'),
  );
  const name = `cat/${placeOf('same').slice(6)}`;
  t.deepEqual(filesOf(await run(...naming, '{label}/{sha256}')), [name, name]);
  t.deepEqual(await files(), [name]);
  const again = await run(...naming, '{label}/{sha256}', '--skip-saved', '--columns', 'attempts');
  t.deepEqual(
    again.map((row) => [row['fetch_file'], row['fetch_attempts']]),
    [
      [name, '0'],
      [name, '0'],
    ],
  );
});

const pageOrImage: Answer = ({ url }, response) => {
  const type = url === '/page' ? 'text/html' : 'image/png';
  response.writeHead(url === '/missing' ? 404 : 200, { 'content-type': type }).end(url);
};

test('--save-when chooses what is saved, by hashes and as WARC too', async (t) => {
  const rows = ['/a', '/page', '/missing'].map((path) => ['1', 'x', path] as const);
  const { run, cwd } = await site(t, rows, pageOrImage);
  const when = ['--save-when', 'status=2xx,type=image/*|video/*'];
  t.deepEqual(filesOf(await run('--save-bodies', 'hashes', ...when)), [placeOf('/a'), '', '']);
  t.deepEqual(await filesIn(join(cwd, 'hashes')), [placeOf('/a')]);
  const archived = filesOf(await run('--save-bodies', 'warc', '--save-format', 'warc', ...when));
  t.regex(archived[0] ?? '', /\.warc\.gz#\d+$/);
  t.deepEqual(archived.slice(1), ['', '']);
});

test('no name of a file holds a secret, and a row keeps its file when the secret is another one', async (t) => {
  const { run, files, server, cwd } = await site(t, [
    ['s3cret-of-today', 'cat', '/a?key=s3cret-of-today&x=1'],
  ]);
  const list = (await readFile(join(cwd, 'in.csv'), 'utf8')).replace('://', '://me:pa55@');
  await writeFile(join(cwd, 'in.csv'), list);
  const hiding = [...naming, '{url} {id}', '--secret-param', 'key', '--skip-saved', '--columns', 'attempts'];
  const [row] = await run(...hiding);
  const name = `http___127.0.0.1_${server.port}_a_x=1 ___`;
  t.deepEqual([row?.['fetch_file'], await files()], [name, [name]]);
  t.notRegex(await readFile(join(cwd, 'set', manifest), 'utf8'), /s3cret|pa55/);
  await writeFile(join(cwd, 'in.csv'), list.replaceAll('today', 'tomorrow'));
  t.like((await run(...hiding))[0], { fetch_attempts: '0', fetch_file: name });
});

const refused = test.macro({
  exec: async (t, args: readonly string[], message: string) => {
    const { cwd, server } = await site(t, three);
    const { code, stdout, stderr } = await urlmill([...args, 'in.csv'], { cwd });
    t.is(stderr, `urlmill: ${message}\n`);
    t.is(code, 2);
    t.is(stdout, '');
    t.is(server.requests.length, 0);
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} is refused`,
});

test(
  refused,
  [...naming, '{lable}/{id}'],
  '--save-as: there is no column "lable"; the columns are id, label, url, and {sha256}, {host} and {ext} are known besides; did you mean "label"?',
);
test(
  refused,
  ['--save-bodies', 'd', '--save-as', '{id}', '--next', 'header:link'],
  '--save-as names one file for each row, and --next fetches several pages of it; leave out one of them',
);
test(refused, ['--save-as', '{id}'], '--save-as: name a folder by --save-bodies DIR');
test(refused, ['--save-when', 'status=200'], '--save-when: name a folder by --save-bodies DIR');
test(
  refused,
  ['--save-bodies', 'set', '--skip-saved'],
  "--skip-saved: name the files by --save-as, as in --save-as '{id}{ext}'",
);
test(
  refused,
  ['--save-bodies', 'set', '--save-clash', 'fail'],
  "--save-clash: name the files by --save-as, as in --save-as '{id}{ext}'",
);
test(
  refused,
  [...byLabel, '--save-format', 'warc'],
  '--save-as names files, and --save-format warc makes one; leave out one of them',
);
test(
  refused,
  [...byLabel, '--skip-saved', '--extract', 'title'],
  '--skip-saved: a page that is not fetched again gives no values for --extract and the like; leave out one of them',
);
test(
  refused,
  [...byLabel, '--skip-saved', '--since', 'none.csv'],
  '--since asks servers what has changed, and --skip-saved asks nobody where a file is there; leave out one of them',
);

test('submit refuses names of columns, and says what to do', async (t) => {
  const { cwd } = await site(t, three);
  for (const args of [['--save-as', '{id}'], ['--save-clash', 'skip'], ['--skip-saved']]) {
    const { code, stderr } = await urlmill(
      ['submit', '--job', 'job', '--save-bodies', 'set', ...args, 'in.csv'],
      {
        cwd,
      },
    );
    t.is(code, 2);
    t.regex(stderr, /workers do not see the names that others have given/);
  }
});
