import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import test from 'ava';

import { groups, optionNames, table } from '../src/options/table.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

/** The comment before each option in a declaration file, by name; null if it has none. */
async function commentsIn(file: string): Promise<Map<string, string | null>> {
  const text = await readFile(new URL(`../src/${file}`, import.meta.url), 'utf8');
  const found = text.matchAll(
    /(?:\/\*\* (.*) \*\/\n)?^ +(?:readonly )?(\w+): (?:import\("[^"]+"\)\.)?Option</gm,
  );
  return new Map([...found].map(([, comment, name = '']) => [name, comment ?? null]));
}

for (const [file, least] of [
  ['options/table.d.ts', optionNames.length],
  ['options/input.d.ts', 5],
  ['job/fetch-urls.d.ts', 30],
  ['write/write-results.d.ts', 3],
] as const) {
  test(`editors show the help of each option: ${file}`, async (t) => {
    const comments = await commentsIn(file);
    for (const [name, comment] of comments) {
      const { help } = table[name as keyof typeof table];
      t.true(comment?.includes(help.replaceAll('*/', String.raw`*\/`)), `${name}: ${comment}`);
    }
    t.true(comments.size >= least, String(comments.size));
  });
}

/** The properties of an interface of options, with their comments and types. */
async function propertiesIn(file: string, type: string): Promise<Map<string, readonly [string, string]>> {
  const text = await readFile(new URL(`../src/${file}`, import.meta.url), 'utf8');
  const [, body = ''] = new RegExp(String.raw`^export interface ${type} \{\n(.*?)^\}`, 'ms').exec(text) ?? [];
  const found = body.matchAll(/\/\*\* (.*) \*\/\n +readonly (\w+)\?: (.*);$/gm);
  return new Map([...found].map(([, comment = '', name = '', kind = '']) => [name, [comment, kind]]));
}

const written = test.macro({
  exec: async (t, file: string, type: string, names: readonly string[]) => {
    const properties = await propertiesIn(file, type);
    for (const name of names) {
      const { help } = table[name as keyof typeof table];
      t.true(properties.get(name)?.[0].includes(help.replaceAll('*/', String.raw`*\/`)), name);
    }
  },
  title: (_, _file: string, type: string) => `every option is a plain property with its help: ${type}`,
});

// The language server of TypeScript 7 shows no comments of mapped types, so the properties are written out.
test(written, 'run.d.ts', 'RunOptions', optionNames);
test(written, 'job/fetch-urls.d.ts', 'FetchUrlsOptions', [
  ...Object.keys(groups[1].options),
  'extract',
  'ordered',
]);
test(written, 'read/read-urls.d.ts', 'ReadUrlsOptions', Object.keys(groups[0].options));
test(written, 'write/write-results.d.ts', 'WriteResultsOptions', ['columns', 'excel', 'explode']);
test(written, 'fetch/shared-limits.d.ts', 'SharedLimitsOptions', ['perHost', 'hostRate', 'concurrency']);

const program = `
import { fetchUrls, readUrls, run, sharedLimits, writeResults } from 'INDEX';
import type { FetchUrlsOptions, RunOptions } from 'INDEX';
const names: readonly string[] = ['title', 'links'];
export const job: RunOptions = { columns: ['status', 'url'], extract: names, select: ['h1=h1', 'price=.price'] };
export const stages = [
  readUrls({ delimiter: ';' }),
  fetchUrls({ limits: sharedLimits({ perHost: 2, hostRate: '5/s' }), extract: ['title'], timeout: 5000 }),
  writeResults({ columns: ['status'] }),
];
export const texts: FetchUrlsOptions = { extract: 'title,links', select: 'a=b', threads: 'auto' };
void run(job);
// @ts-expect-error a number is no name
export const wrong: RunOptions = { extract: [1] };
// @ts-expect-error there is no such option
export const unknown: FetchUrlsOptions = { extrakt: 'title' };
// @ts-expect-error it is no list
export const list: FetchUrlsOptions = { timeout: ['5s'] };
`;

test('a program is checked against the declarations', async (t) => {
  const folder = await temporaryFolder(t);
  const index = fileURLToPath(new URL('../src/index.d.ts', import.meta.url));
  await writeFile(join(folder, 'program.ts'), program.replaceAll('INDEX', index.replace('.d.ts', '.js')));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const flags =
    '--ignoreConfig --noEmit --strict --module nodenext --target es2024 --lib es2024 --types node'.split(' ');
  const typeRoots = ['--typeRoots', join(root, 'node_modules/@types')];
  const compiler = [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...flags,
    ...typeRoots,
    join(folder, 'program.ts'),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, compiler).catch(
    (error: { stdout: string }) => error,
  );
  t.is(stdout, '');
});

test('they show the unit and the default too', async (t) => {
  const comments = await commentsIn('options/table.d.ts');
  t.regex(comments.get('timeout') ?? '', / Milliseconds, or a text like `30s`\. @default 30s$/);
  t.regex(comments.get('maxBody') ?? '', / Bytes, or a text like `10MB`\. @default 10MB$/);
  t.regex(comments.get('ordered') ?? '', / @default false$/);
  t.regex(comments.get('aia') ?? '', /^With `false`: .* @default true$/);
  t.false(comments.get('output')?.includes('@default') ?? true);
});
