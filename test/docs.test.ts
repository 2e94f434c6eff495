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

/** README, CONTRIBUTING and docs/. */
async function pages(): Promise<{ page: string; text: string }[]> {
  const docs = (await readdir(new URL('docs/', root))).filter((name) => name.endsWith('.md'));
  const names = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
  return Promise.all(
    names.map(async (page) => ({ page, text: await readFile(new URL(page, root), 'utf8') })),
  );
}

/** The anchors of a page's headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('links lead to files and headings that are there', async (t) => {
  let links = 0;
  for (const { page, text } of await pages()) {
    for (const [, path = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      links++;
      const target = new URL(path, new URL(page, root));
      // oxlint-disable-next-line no-await-in-loop
      const there = path === '' ? text : await readFile(target, 'utf8').catch(() => null);
      t.not(there, null, `${page}: ${path}`);
      if (anchor !== undefined) t.true(anchorsOf(there ?? '').includes(anchor), `${page}: ${path}#${anchor}`);
    }
  }
  t.true(links > 30);
});

/** Options that docs/options.md leaves out, and those of other programs. */
const others = new Set([
  '--help',
  '--global',
  '--parallel',
  '--collector',
  '--scan',
  '--pattern',
  '--appendonly',
  '--maxmemory-policy',
  '--joblog',
  '--resume-failed',
  '--sshlogin',
  '--workdir',
]);

test('every option that README and docs name is there', async (t) => {
  const known = await readFile(new URL('docs/options.md', root), 'utf8');
  for (const { page, text } of await pages()) {
    // Pages for developers name options of their tools.
    if (/architecture|CONTRIBUTING/.test(page)) continue;
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
