import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';

import { readJournal } from '../../src/write/journal.ts';
import { csvObjects } from '../helpers/csv.ts';
import { randomNumbers } from '../helpers/random.ts';
import { runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { list, outputOf, resumed } from './resuming.ts';

const rows = 1200;
const kills = 5;

const killsAtRandom = test.macro({
  exec: async (t, output: string, more: readonly string[]) => {
    const seed = Date.now() % 1_000_000;
    const below = randomNumbers(seed);
    const answerTime = randomNumbers(seed + 1);
    const asked = new Map<number, number>();
    const server = await httpServer(t, ({ url }, response) => {
      const row = Number(url.slice(1));
      asked.set(row, (asked.get(row) ?? 0) + 1);
      setTimeout(() => response.end('ok'), 5 + answerTime(45));
    });
    const cwd = await temporaryFolder(t, { 'in.csv': list(server, rows) });
    const args = ['-c', '8', '--per-host', '8', '--columns', 'status,error', ...more, 'in.csv'];
    const path = join(cwd, output);
    /** Committed rows, and how often each had been requested by then: it must never be requested again. */
    const final = new Map<number, number>();
    for (let kill = 0; kill < kills; kill++) {
      const child = runningUrlmill(t, ['-o', output, '--resume', ...args], { cwd });
      const ended = once(child, 'close');
      // Half of the kills come soon after the start, half around a commit.
      await delay(below(2) === 0 ? 200 + below(400) : 900 + below(700));
      child.kill('SIGKILL');
      await ended;
      const size = (await stat(`${path}.part`).catch(() => null))?.size ?? 0;
      const content = await readJournal(`${path}.journal`, size);
      for (const [row, count] of asked) {
        if (content?.rows.has(row) === true && !final.has(row)) final.set(row, count);
      }
    }
    const { code } = await resumed({ cwd, args, output });
    t.is(code, 0, `seed ${seed}`);
    const done = csvObjects(await outputOf(path));
    t.true(done.every((row) => row['fetch_status'] === '200' && row['fetch_error'] === ''));
    const ids = done.map(({ id }) => Number(id));
    const all = Array.from({ length: rows }, (_, i) => i + 1);
    t.deepEqual(more.includes('--ordered') ? ids : ids.toSorted((a, b) => a - b), all, `seed ${seed}`);
    const again = [...final].filter(([row, count]) => asked.get(row) !== count);
    t.deepEqual(again, [], `seed ${seed}`);
  },
  title: (what) => `a run that is killed at random moments has every row exactly once, ${what}`,
});

test('in any order', killsAtRandom, 'out.csv', []);
test('in order and packed', killsAtRandom, 'out.csv.gz', ['--ordered']);
