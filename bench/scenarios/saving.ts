import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contest, rate, ratios, type Contestant } from '../contest.ts';
import { contestTable } from '../contest-table.ts';
import { type Nginx, startNginx } from '../nginx.ts';
import { atLeast, atMost, type Bench, type Findings, type Scenario } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls } from '../url-list.ts';

export const saving: Scenario = {
  name: 'saving',
  about: '64 bodies of 200 MB to files, all at once, next to curl --parallel.',
  tools: ['nginx', 'curl'],
  rounds: 3,
  run,
};

const size = 200e6;

async function run(bench: Bench): Promise<Findings> {
  const served = join(bench.dir, 'served');
  await mkdir(served);
  await writeFile(join(served, 'body'), '');
  // A sparse file takes no space on disk and no time to read.
  await truncate(join(served, 'body'), size);
  const location = `location / { root '${served}'; try_files /body =404; }`;
  const nginx = await startNginx({ dir: bench.dir, locations: location });
  try {
    const contestants = await prepare(bench, nginx);
    const runs = await contest(bench, nginx, contestants);
    const peaks = (runs.get('urlmill') ?? []).map((one) => one.peakRss / 1e6);
    return {
      tables: [contestTable('Bodies of 200 MB to files', runs)],
      checks: [
        atLeast('rate ÷ curl --parallel', median(ratios(runs, 'curl --parallel', rate)), 0.5),
        atMost('highest peak RSS', Math.max(...peaks), 250, ' MB'),
      ],
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  } finally {
    await nginx.stop();
  }
}

async function prepare({ dir, node, cli, urls: count = 64 }: Bench, nginx: Nginx): Promise<Contestant[]> {
  const urls = numberedUrls(nginx.origin, count);
  const [list, config] = [join(dir, 'saving.csv'), join(dir, 'saving.curl')];
  const [folder, out] = [join(dir, 'saved'), join(dir, 'saving-out.csv')];
  await mkdir(folder);
  const numbered = [...urls].map((url, i) => ({ url, id: `${i + 1}.bin` }));
  await writeFile(list, ['id,url', ...numbered.map(({ id, url }) => `${id},${url}`), ''].join('\n'));
  await writeFile(config, numbered.map(({ id, url }) => `url=${url}\noutput=${join(folder, id)}\n`).join(''));
  const limits = ['-c', String(count), '--per-host', String(count), '--timeout', '10m', '--max-body', '1GB'];
  const curl = ['curl', '--disable', '--no-progress-meter', '--parallel', '--parallel-immediate'];
  const fetched = [...curl, '--parallel-max', String(count), '--config', config];
  const verify = async (): Promise<void> => emptied(folder, count);
  return [
    {
      name: 'urlmill',
      command: [node, cli, ...limits, '--save-bodies', folder, '--save-as', '{id}', '-q', '-o', out, list],
      urls: count,
      async verify() {
        await expectAll(out, 'fetch_status', '200', count);
        await verify();
      },
    },
    { name: 'curl --parallel', command: fetched, urls: count, verify },
    // With `sync`, curl's files are as safe from a power cut as ours; without it, the system writes them some
    // time later.
    {
      name: 'curl, then sync',
      command: ['sh', '-c', '"$@" && sync "$0"/*', folder, ...fetched],
      urls: count,
      verify,
    },
  ];
}

/** Checks that each body is in its own file, and removes the files for the next contestant. */
async function emptied(folder: string, count: number): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.bin') && !name.startsWith('.'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  if (files.length !== count || sizes.some((one) => one !== size))
    throw new Error(`${files.length} files were saved, and ${count} of ${size} bytes were expected`);
  await rm(folder, { recursive: true });
  await mkdir(folder);
}
