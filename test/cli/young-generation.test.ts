import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import test from 'ava';

const execute = promisify(execFile);

/** Keeps what it allocates for a while, so that V8 lets the young generation grow as far as it may. */
const busy = `
  const { getHeapSpaceStatistics } = await import('node:v8');
  let kept = [];
  let left = 60;
  const go = () => {
    for (let i = 0; i < 100_000; i++) kept.push({ i, text: String(i) });
    if (kept.length > 400_000) kept = [];
    if (left-- > 0) return setTimeout(go, 10);
    console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
  };
  go();`;

test('the young generation grows no more once it has 2 × 16 MB, whatever Node lets it grow to', async (t) => {
  const bounds = new URL('../../src/cli/young-generation.js', import.meta.url).href;
  const script = `(await import(${JSON.stringify(bounds)})).boundYoungGeneration();${busy}`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script]);
  const megabytes = Number(stdout) / 2 ** 20;
  // It may double once more before its size is checked.
  t.true(megabytes >= 32 && megabytes <= 64, `${megabytes} MB`);
});
