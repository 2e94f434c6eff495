import { readFile, readdir } from 'node:fs/promises';

import test from 'ava';

import { generatedPages } from '../docs/pages.ts';
import { resolveOptions } from '../src/options/resolve.ts';
import { Statistics } from '../src/watch/statistics.ts';
import { summarize } from '../src/watch/summary.ts';

const root = new URL('../../', import.meta.url);

for (const [name, text] of Object.entries(generatedPages())) {
  test(`docs/${name} is what the tables give`, async (t) => {
    t.is(await readFile(new URL(`docs/${name}`, root), 'utf8'), text, 'run: npm run docs');
  });
}

test('the README links to pages that are there', async (t) => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => path);
  t.true(links.length > 3);
  for (const path of links) await t.notThrowsAsync(readFile(new URL(path, root)), path);
});

/** What docs/options.md leaves out, and options of other programs. */
const others = new Set([
  '--help',
  '--global',
  '--parallel',
  '--collector',
  '--scan',
  '--pattern',
  '--appendonly',
  '--maxmemory-policy',
]);

test('every option that README and docs name is there', async (t) => {
  const known = await readFile(new URL('docs/options.md', root), 'utf8');
  const pages = (await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md'));
  // The page for those who build it names options of their tools.
  for (const page of [
    'README.md',
    ...pages.filter((name) => name !== 'architecture.md').map((name) => `docs/${name}`),
  ]) {
    const text = await readFile(new URL(page, root), 'utf8');
    const named = new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option));
    const unknown = [...named].filter(
      (option) => !others.has(option) && !new RegExp(`${option}(?![a-z-])`).test(known),
    );
    t.deepEqual(unknown, [], page);
  }
});

test('the README has fewer than 300 lines', async (t) => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  t.true(readme.split('\n').length < 300);
});

test('docs/summary.md tells of each field that a summary has', async (t) => {
  const summary = summarize(
    new Statistics(true),
    { outcome: 'done', stoppedBy: null, comments: 0 },
    resolveOptions([]),
    '',
  );
  const page = await readFile(new URL('docs/summary.md', root), 'utf8');
  const told = [...page.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
  t.deepEqual(new Set(told), new Set(Object.keys(summary)));
});
