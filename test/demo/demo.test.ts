import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const file = fileURLToPath(new URL('../../demo/demo.js', import.meta.url));

test('the demo ends well and shows each row once, and what two nights differ in', async (t) => {
  const env = { PATH: process.env['PATH'] ?? '', TMPDIR: await temporaryFolder(t) };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [shown, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  t.is(code, 0, errors);
  const [, fixture = '', first = '', summary = '', monday, tuesday, diff = '', report] =
    shown.split(/^== .*\n/m);
  t.is(idsOf(fixture).length, 16);
  t.deepEqual(idsOf(first), idsOf(fixture));
  t.is((JSON.parse(summary) as { rows: number }).rows, 16);
  t.deepEqual(
    [monday, tuesday, report].map((output) => output?.trim()),
    ['', '', ''],
  );
  // Which rows differ also depends on the demo's short timeouts, on a busy machine.
  t.regex(diff.trim(), /^change,id,name,homepage,/);
  t.regex(shown, /report\.html\n$/);
});

function idsOf(csv: string): string[] {
  return csvObjects(csv.trim())
    .map(({ id = '' }) => id)
    .toSorted((a, b) => Number(a) - Number(b));
}
