import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contest } from '../contest.ts';
import { startNginx } from '../nginx.ts';
import { atMost, type Bench, type Findings } from '../scenario.ts';
import { spread } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { writeUrlList } from '../url-list.ts';

const bodies = 64;

/**
 * Fetches 64 bodies of 200 MB at once with --max-body 1MB: what exceeds the limit must not pile up in memory.
 */
export async function largeBodies(bench: Bench): Promise<Findings> {
  const folder = join(bench.dir, 'large');
  await mkdir(folder);
  await writeFile(join(folder, 'body'), '');
  // A sparse file takes no space on disk and no time to read.
  await truncate(join(folder, 'body'), 200e6);
  const nginx = await startNginx({ dir: bench.dir, locations: `location / { root '${folder}'; }` });
  try {
    const urls = Array.from({ length: bodies }, (_, i) => `${nginx.origin}/body?${i}`);
    const list = await writeUrlList(bench.dir, 'large', urls);
    const out = join(bench.dir, 'large-out.csv');
    const limits = ['-c', '64', '--per-host', '64', '--max-body', '1MB', '--extract', 'sha256'];
    const name = '64 bodies of 200 MB';
    const command = [bench.node, bench.cli, ...limits, '-q', '-o', out, list.csv];
    const verify = (): Promise<void> => expectAll(out, 'fetch_error', 'body-too-large', bodies);
    const runs = await contest(bench, nginx, [{ name, command, urls: bodies, verify }]);
    const peaks = spread((runs.get(name) ?? []).map((run) => run.peakRss / 1e6));
    const walls = spread((runs.get(name) ?? []).map((run) => run.wall));
    return {
      tables: [
        {
          title: '64 bodies of 200 MB at once, --max-body 1MB',
          head: ['', 'median', 'min', 'max'],
          rows: [
            ['peak RSS MB', ...[peaks.median, peaks.min, peaks.max].map((value) => value.toFixed(1))],
            ['wall s', ...[walls.median, walls.min, walls.max].map((value) => value.toFixed(2))],
          ],
        },
      ],
      checks: [atMost('highest peak RSS, 64 × 200 MB', peaks.max, 250, ' MB')],
      commands: [[name, command]],
    };
  } finally {
    await nginx.stop();
  }
}
