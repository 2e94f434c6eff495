import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { noise } from '../fetch/schedule/spilling.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, TestServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const manifest = '.urlmill-saved.jsonl';
const naming = ['--save-bodies', 'set', '--save-as'];
const byLabel = [...naming, '{label}/{id}{ext}'];
const unhurried = ['--timeout', '10m', '--connect-timeout', '10m'];

/** An image whose bytes are those of its URL. */
const image: Answer = ({ url }, response) => {
  response.writeHead(200, { 'content-type': 'image/jpeg' }).end(url);
};

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

interface Site {
  readonly server: TestServer;
  readonly cwd: string;
  /** Runs with the rows of `in.csv`. */
  readonly run: (...args: string[]) => Promise<Record<string, string>[]>;
  /** The files of the set, without its manifest. */
  readonly files: () => Promise<string[]>;
}

async function site(
  t: ExecutionContext,
  rows: readonly (readonly [id: string, label: string, path: string])[],
  answer: Answer = image,
): Promise<Site> {
  const server = await httpServer(t, answer);
  const lines = rows.map(([id, label, path]) => [id, label, server.url + path].map(cell).join());
  const cwd = await temporaryFolder(t, { 'in.csv': `id,label,url\n${lines.join('\n')}\n` });
  const run = async (...args: string[]): Promise<Record<string, string>[]> => {
    const { code, stdout, stderr } = await urlmill([...unhurried, '--ordered', ...args, 'in.csv'], { cwd });
    t.is(code, 0, stderr);
    return csvObjects(stdout);
  };
  const files = async (): Promise<string[]> =>
    (await filesIn(join(cwd, 'set'))).filter((name) => name !== manifest);
  return { server, cwd, run, files };
}

const filesOf = (rows: readonly Record<string, string>[]): string[] =>
  rows.map((row) => row['fetch_file'] ?? '');

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

const three = [
  ['1', 'cat', '/a'],
  ['1', 'CAT', '/b'],
  ['1', 'cat', '/c'],
  ['e\u0301', 'cat', '/d'],
  ['\u00e9', 'cat', '/e'],
] as const;

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

const large = noise(700_000);

for (const threads of ['1', '2']) {
  test(`large bodies get their names when they are whole: --threads ${threads}`, async (t) => {
    const { cwd, run, files } = await site(
      t,
      [
        ['1', 'cat', '/a'],
        ['2', 'cat', '/b'],
        ['1', 'cat', '/c'],
        ['3', 'cat', '/text'],
      ],
      ({ url }, response) => {
        response.setHeader('content-type', url === '/text' ? 'text/plain' : 'video/mp4').end(large);
      },
    );
    const when = ['--save-when', 'type!=text/*,bytes>1kB'];
    const args = ['-c', '1', '--threads', threads, ...naming];
    t.deepEqual(filesOf(await run(...args, '{id}-{sha256}{ext}', ...when)), [
      ...['1', '2', '1'].map((id) => `${id}-${placeOf(large).slice(6)}.mp4`),
      '',
    ]);
    t.deepEqual(filesOf(await run(...args, '{label}/{id}{ext}', ...when)), [
      'cat/1.mp4',
      'cat/2.mp4',
      'cat/1-2.mp4',
      '',
    ]);
    t.is((await files()).length, 5);
    for (const name of await files()) t.true(large.equals(await readFile(join(cwd, 'set', name))));
    const skipped = await site(t, three, (_, response) => response.end(large));
    await skipped.run('-c', '1', ...byLabel, '--save-clash', 'skip');
    t.deepEqual(await skipped.files(), ['cat/1', 'cat/\u00e9']);
  });
}

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

test("somebody else's file is never written over", async (t) => {
  const { run, cwd, files } = await site(t, [['1', 'cat', '/a']]);
  await mkdir(join(cwd, 'set/cat'), { recursive: true });
  await writeFile(join(cwd, 'set/cat/1.jpg'), 'mine');
  t.deepEqual(filesOf(await run(...byLabel)), ['cat/1-2.jpg']);
  t.deepEqual(filesOf(await run(...byLabel)), ['cat/1-2.jpg']);
  t.is(await readFile(join(cwd, 'set/cat/1.jpg'), 'utf8'), 'mine');
  t.deepEqual(await files(), ['cat/1-2.jpg', 'cat/1.jpg']);
});

test('a file in the place of a folder fails its row alone', async (t) => {
  const { run, cwd } = await site(t, [
    ['1', 'cat', '/a'],
    ['1', 'dog', '/b'],
  ]);
  await mkdir(join(cwd, 'set'));
  await writeFile(join(cwd, 'set/cat'), 'mine');
  const rows = await run(...byLabel, '--columns', 'error,error_detail');
  t.like(rows[0], {
    fetch_error: 'process-failed',
    fetch_error_detail: '--save-as: "cat/1.jpg" is no name here: cat is no folder',
    fetch_file: '',
  });
  t.like(rows[1], { fetch_error: '', fetch_file: 'dog/1.jpg' });
});

test('a row keeps its name when its body changes, and when the list has other lines before it', async (t) => {
  let night = 1;
  const answer: Answer = ({ url }, response) => response.end(`${url} ${night}`);
  const { run, cwd, files, server } = await site(t, three, answer);
  await run('-c', '1', ...byLabel);
  night = 2;
  const list = await readFile(join(cwd, 'in.csv'), 'utf8');
  await writeFile(join(cwd, 'in.csv'), list.replace('\n', `\n1,cat,${server.url}/new\n`));
  const names = ['cat/1', 'CAT/1-2', 'cat/1-3', 'cat/\u00e9', 'cat/\u00e9-2'];
  t.deepEqual(filesOf(await run('-c', '1', ...byLabel)), ['cat/1-4', ...names]);
  t.is(await readFile(join(cwd, 'set/CAT/1-2'), 'utf8'), '/b 2');
  t.deepEqual(await files(), [...names, 'cat/1-4'].toSorted());
});

test('names whose files were all removed are free again', async (t) => {
  const { run, cwd } = await site(t, three);
  await run('-c', '1', ...byLabel);
  await rm(join(cwd, 'set/cat'), { recursive: true });
  await rm(join(cwd, 'set/CAT'), { recursive: true });
  await writeFile(join(cwd, 'in.csv'), (await readFile(join(cwd, 'in.csv'), 'utf8')).replaceAll('/a', '/z'));
  t.is((await run('-c', '1', ...byLabel, '--limit', '1'))[0]?.['fetch_file'], 'cat/1.jpg');
});

test('--skip-saved fetches what lacks, and nothing else', async (t) => {
  const fails = new Set(['/down']);
  const { run, cwd, server } = await site(
    t,
    [...three, ['7', 'cat', '/down'], ['8', 'cat', '/gone'], ['', '', '/empty']],
    ({ url }, response) => {
      const status = fails.has(url) ? 500 : url === '/gone' ? 404 : 200;
      response.writeHead(status, { 'content-type': 'image/jpeg' }).end(url === '/empty' ? '' : url);
    },
  );
  const skip = [...byLabel, '--skip-saved', '--retries', '0', '-c', '1'];
  const columns = ['--columns', 'status,url,type,bytes,sha256,attempts'];
  const first = await run(...skip, ...columns);
  const before = server.requests.length;
  fails.clear();
  await rm(join(cwd, 'set/cat/1-3.jpg'));
  await writeFile(join(cwd, 'set/CAT/1-2.jpg'), 'of another size');
  const second = await run(...skip, ...columns);
  t.deepEqual(
    server.requests.slice(before).map(({ url }) => url),
    ['/b', '/c', '/down', '/empty'],
  );
  t.deepEqual(filesOf(second), filesOf(first));
  t.deepEqual(
    second.map((row) => row['fetch_attempts']),
    ['0', '1', '1', '0', '0', '1', '0', '1'],
  );
  t.deepEqual({ ...second[0], fetch_attempts: '1' }, first[0]);
  t.is(await readFile(join(cwd, 'set/CAT/1-2.jpg'), 'utf8'), '/b');
  // What would not be saved today is not taken for saved.
  await run(...skip, '--save-when', 'status=200');
  t.is(server.requests.at(-2)?.url, '/gone');
  await run(...skip, '--save-when', 'status=404');
  t.deepEqual(
    server.requests
      .slice(-7)
      .map(({ url }) => url)
      .includes('/a'),
    true,
  );
});

test('--max-failures counts no failure of an earlier run that --skip-saved leaves out', async (t) => {
  const { run } = await site(t, three, ({ url }, response) =>
    response.writeHead(url === '/c' ? 200 : 404).end(url),
  );
  await run(...byLabel);
  const again = await run(...byLabel, '--skip-saved', '--max-failures', '1');
  t.is(again.length, three.length);
});

test('--skip-saved says nothing of the redirects that led to a file', async (t) => {
  const { run } = await site(t, [['1', 'cat', '/old']], (request, response) => {
    if (request.url === '/old') response.writeHead(301, { location: '/new' }).end();
    else image(request, response);
  });
  const columns = [...byLabel, '--skip-saved', '--columns', 'first_status,redirects,hops'];
  t.is((await run(...columns))[0]?.['fetch_first_status'], '301');
  t.like((await run(...columns))[0], { fetch_first_status: '', fetch_redirects: '', fetch_hops: '' });
});

test('--skip-saved takes a row for another one when its URL or its name is another one', async (t) => {
  const { run, cwd, server } = await site(t, [['1', 'cat', '/a']]);
  await run(...byLabel);
  const before = server.requests.length;
  const skip = ['--skip-saved', '--columns', 'attempts'];
  t.is((await run(...byLabel, ...skip))[0]?.['fetch_attempts'], '0');
  t.is((await run(...naming, '{id}{ext}', ...skip))[0]?.['fetch_attempts'], '1');
  await writeFile(join(cwd, 'in.csv'), (await readFile(join(cwd, 'in.csv'), 'utf8')).replace('/a', '/b'));
  t.like((await run(...byLabel, ...skip))[0], { fetch_attempts: '1', fetch_file: 'cat/1-2.jpg' });
  t.is(server.requests.length, before + 2);
  const secret = await run(...byLabel, ...skip, '-H', 'Authorization: of tonight');
  t.is(secret[0]?.['fetch_attempts'], '0');
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

test('rows that wait on disk keep their names', async (t) => {
  const rows = Array.from({ length: 300 }, (_, i) => [String(i), 'cat', `/${i}`] as const);
  const { run, files } = await site(t, rows, (request, response) => {
    setImmediate(() => image(request, response));
  });
  await run('--look-ahead', '1', '--per-host', '1', ...byLabel);
  t.deepEqual(await files(), rows.map(([id]) => `cat/${id}.jpg`).toSorted());
});

test('--once: rows that share a request share its file, in later runs too', async (t) => {
  const { run, files, server } = await site(t, [
    ['1', 'cat', '/a'],
    ['2', 'cat', '/a'],
  ]);
  const once = [...byLabel, '--once', '--skip-saved', '--columns', 'attempts'];
  t.deepEqual(filesOf(await run(...once)), ['cat/1.jpg', 'cat/1.jpg']);
  t.deepEqual(filesOf(await run(...once)), ['cat/1.jpg', 'cat/1.jpg']);
  t.deepEqual(await files(), ['cat/1.jpg']);
  t.is(server.requests.length, 1);
});

test('--since keeps the file of a page that has not changed, and --retry-failed that of a row that is copied', async (t) => {
  const { run, cwd, files, server } = await site(t, three, ({ url, headers }, response) => {
    response.setHeader('etag', '"1"');
    if (headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else if (url === '/c' && server.requests.length < 7) response.writeHead(500).end();
    else response.end(url);
  });
  const args = [...byLabel, '-c', '1', '--retries', '0', '--save-when', 'status=200', '-o', 'out.csv'];
  const written = async (): Promise<Record<string, string>[]> =>
    csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  const names = ['cat/1', 'CAT/1-2', '', 'cat/\u00e9', 'cat/\u00e9-2'];
  await run(...args, '--since', 'out.csv');
  t.deepEqual(filesOf(await written()), names);
  await run(...args, '--since', 'out.csv');
  const second = await written();
  t.deepEqual(filesOf(second), names.with(2, 'cat/1-3'));
  t.deepEqual(
    second.map((row) => row['fetch_change']),
    ['same', 'same', 'recovered', 'same', 'same'],
  );
  const before = server.requests.length;
  const { code } = await urlmill(
    [...byLabel, '--retry-failed', 'out.csv', '--skip-saved', '-o', 'retried.csv'],
    { cwd },
  );
  t.is(code, 0);
  t.deepEqual(filesOf(csvObjects(await readFile(join(cwd, 'retried.csv'), 'utf8'))), filesOf(second));
  t.is(server.requests.length, before);
  t.is((await files()).length, 5);
});

/** 600 rows, of which three each have one name; each has a body of its own. */
const many = Array.from({ length: 600 }, (_, i) => [String(i % 200), 'cat', `/${i}`] as const);
const manyBody: Answer = ({ url }, response) => {
  response.writeHead(200, { 'content-type': 'image/png' }).end(`${url} ${'x'.repeat(2000)}`);
};

async function killed(
  t: ExecutionContext,
  after: number,
  ...more: string[]
): Promise<Site & { args: string[] }> {
  const made = await site(t, many, manyBody);
  const args = [...unhurried, '-c', '20', '--per-host', '20', ...byLabel, ...more, '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd: made.cwd });
  const ended = endOf(child);
  await made.server.requested(after);
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  return { ...made, args };
}

async function rowsOf(cwd: string, name: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(cwd, name), 'utf8').catch(() => '');
  return csvObjects(text.slice(0, text.lastIndexOf('\n') + 1));
}

/** Each row has a file of its own, with its body. */
async function areRight(t: ExecutionContext, { cwd, files }: Site): Promise<void> {
  const rows = await rowsOf(cwd, 'out.csv');
  t.is(rows.length, 600);
  const names = filesOf(rows);
  t.is(new Set(names).size, 600);
  t.deepEqual(
    (await files()).filter((name) => !name.includes('.tmp-')),
    names.toSorted(),
  );
  for (const row of rows) {
    const content = await readFile(join(cwd, 'set', row['fetch_file'] ?? ''), 'utf8');
    t.is(content.split(' ')[0], new URL(row['url'] ?? '').pathname);
    t.regex(row['fetch_file'] ?? '', new RegExp(`^cat/${row['id'] ?? ''}(?:-[23])?\\.png$`));
  }
}

for (const after of [50, 300, 550]) {
  test(`a run that is killed after ${after} requests goes on with the same names`, async (t) => {
    const left = await killed(t, after);
    const part = await rowsOf(left.cwd, 'out.csv.part');
    const { code, stderr } = await urlmill(['--resume', ...left.args], { cwd: left.cwd });
    t.is(code, 0, stderr);
    await areRight(t, left);
    const now = new Map((await rowsOf(left.cwd, 'out.csv')).map((row) => [row['url'], row['fetch_file']]));
    for (const row of part.slice(0, -1)) t.is(now.get(row['url']), row['fetch_file']);
  });
}

test('a run that is killed and begun again with --skip-saved fetches what lacks only', async (t) => {
  const left = await killed(t, 300);
  const there = new Set<string>();
  for (const name of await left.files()) {
    if (name.includes('.tmp-')) continue;
    there.add((await readFile(join(left.cwd, 'set', name), 'utf8')).split(' ')[0] ?? '');
  }
  t.true(there.size > 200 && there.size < 600, String(there.size));
  const before = left.server.requests.length;
  const { code, stderr } = await urlmill([...left.args, '--skip-saved'], { cwd: left.cwd });
  t.is(code, 0, stderr);
  await areRight(t, left);
  const again = left.server.requests.slice(before).map(({ url }) => url);
  t.deepEqual(
    again.filter((url) => there.has(url)),
    [],
  );
  t.is(again.length, 600 - there.size);
});

test('a manifest with a torn end, and lines that are none, is read', async (t) => {
  const { run, cwd, server } = await site(t, three);
  await run('-c', '1', ...byLabel);
  const path = join(cwd, 'set', manifest);
  const text = await readFile(path, 'utf8');
  await writeFile(path, `${text}\0\0\0{}\nnull\n[]\n{"file":"cat/1.jpg","ow`);
  const before = server.requests.length;
  await run(...byLabel, '--skip-saved');
  t.is(server.requests.length, before);
  await run(...naming, 'more/{id}{ext}', '-c', '1');
  await run(...naming, 'more/{id}{ext}', '--skip-saved');
  t.is(server.requests.length, before + 5);
});

test('no manifest leads out of its folder', async (t) => {
  const { run, cwd, files } = await site(t, [['1', 'cat', '/a']]);
  await run(...naming, '{id}');
  const path = join(cwd, 'set', manifest);
  const own = await readFile(path, 'utf8');
  for (const name of ['../out', '/tmp/out', 'x/../../out', '.hidden']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await writeFile(path, own.replace('"file":"1"', `"wanted":"1","file":${JSON.stringify(name)},"size":1`));
    // oxlint-disable-next-line no-await-in-loop
    await rm(join(cwd, 'set/1'), { force: true });
    // oxlint-disable-next-line no-await-in-loop
    t.deepEqual(filesOf(await run(...naming, '{id}')), ['1']);
  }
  t.deepEqual(await files(), ['1']);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'set']);
});

test('two runs cannot name files in one folder at the same time', async (t) => {
  const { cwd, server } = await site(t, three, () => {});
  const first = runningUrlmill(t, [...unhurried, ...byLabel, 'in.csv'], { cwd });
  await server.requested(1);
  const { code, stderr } = await urlmill([...byLabel, '-o', 'other.csv', 'in.csv'], { cwd });
  t.is(code, 7);
  t.regex(stderr, /^urlmill: set\/\.urlmill-saved\.jsonl: another run \(process \d+\) is writing it;/);
  const ended = endOf(first);
  first.kill('SIGKILL');
  await ended;
});

test('a disk without room ends the run with code 4, and leaves no part of a body', async (t) => {
  const { cwd } = await site(t, [['1', 'cat', '/a']], (_, response) => response.end(noise(2_000_000)));
  const { code, stderr } = await shell('ulimit -f 1024; exec "$@"', [...byLabel, 'in.csv'], { cwd });
  t.is(code, 4, stderr);
  t.regex(stderr, /^urlmill: set\/[\w./-]+: cannot be written: file too large;/);
  t.deepEqual(await filesIn(join(cwd, 'set')), [manifest]);
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
