import { readFile } from 'node:fs/promises';

import test from 'ava';

import { optionNames, table } from '../src/options/table.ts';

/** The comment before each option in a file of declarations, by name; null where there is none. */
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

test('they show the unit and the default too', async (t) => {
  const comments = await commentsIn('options/table.d.ts');
  t.regex(comments.get('timeout') ?? '', / Milliseconds, or a text like `30s`\. @default 30s$/);
  t.regex(comments.get('maxBody') ?? '', / Bytes, or a text like `10MB`\. @default 10MB$/);
  t.regex(comments.get('ordered') ?? '', / @default false$/);
  t.regex(comments.get('aia') ?? '', /^With `false`: .* @default true$/);
  t.false(comments.get('output')?.includes('@default') ?? true);
});
