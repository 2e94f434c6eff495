import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { exitOf, startChild } from '../bench/children.ts';
import { journalOf } from '../src/write/file-output.ts';
import { Scene } from './scene.ts';
import type { Site } from './site.ts';
import { runUrlmill } from './urlmill.ts';
import { optionsOf, undisturbed } from './variants.ts';
import type { Job, Stage } from './variants.ts';

export interface KillsVariant extends Job {
  readonly name: string;
}

export const killsVariants: readonly KillsVariant[] = [
  { name: 'kills-csv', file: 'out.csv', options: [] },
  { name: 'kills-gz', file: 'out.csv.gz', options: [] },
  { name: 'kills-ordered', file: 'out.csv', options: ['--ordered'] },
  { name: 'kills-since', file: 'out.csv', options: [], since: true },
  {
    name: 'kills-threads',
    file: 'out.csv',
    options: ['--threads', '2', '--process-timeout', '200ms'],
    module: 'troubled',
  },
];

export interface KillsSettings {
  readonly stage: Stage;
  readonly site: Site;
  /** Makes the site answer slowly, or at once. */
  readonly slow: (isSlow: boolean) => void;
  readonly kills: number;
  readonly random: () => number;
}

export interface KillsOutcome {
  readonly kills: number;
  readonly requests: number;
  /** Upper limit for `requests`: one per row, plus a commit and the rows in flight for each kill. */
  readonly bound: number;
  /** The most requests whose results were lost by one kill, so that they had to be made again. */
  readonly mostAgain: number;
  /** The most requests that were at the site at the same time. */
  readonly mostAtOnce: number;
  readonly problems: readonly string[];
}

/** Most rows in flight. All requests go to one host, so in fact `perHost` limits them. */
const concurrency = 16;
const perHost = 8;
/** Rows per commit, as in src/write/file-output.ts. */
const commitRows = 1000;

/** Kills one job again and again at random moments, then lets it finish. */
export async function killAtRandom(variant: KillsVariant, settings: KillsSettings): Promise<KillsOutcome> {
  const { stage, site, slow, kills, random } = settings;
  const { rows } = stage;
  slow(false);
  const expected = await undisturbed(stage, variant);
  const output = join(stage.dir, variant.name, variant.file);
  const scene = new Scene(output, expected, { ordered: variant.options.includes('--ordered') });
  await scene.restore();
  slow(true);
  const limits = ['-c', String(concurrency), '--per-host', String(perHost)];
  const args = ['-q', '--resume', ...limits, ...optionsOf(variant, stage), '-o', output, stage.input];

  const problems: string[] = [];
  let requests = 0;
  let mostAgain = 0;
  let mostAtOnce = 0;
  let startUp = 1000;
  let { committed } = await scene.look();
  let made = 0;
  let isWhole = false;
  // On a busy machine the job may be done before its last kill.
  for (let kill = 1; kill <= kills && !isWhole; kill++) {
    await site.forget();
    const before = site.requests;
    const started = performance.now();
    const child = startChild([stage.command.node, stage.command.cli, ...args], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    if (kill % 5 === 0) {
      // Some kills should come during the start.
      await Promise.race([later(random() * startUp), ended]);
    } else {
      await Promise.race([site.nextRequest(), ended]);
      startUp = performance.now() - started;
      // Commits are a second apart. The job must neither finish before its last kill nor make no progress at
      // all.
      const isAhead = committed.size / rows > (0.8 * kill) / kills;
      await Promise.race([later(random() * (isAhead ? 300 : 2200)), ended]);
    }
    child.kill('SIGKILL');
    const code = await exitOf(child);
    if (code === -1) made++;
    else if (code !== 0) problems.push(`kill ${kill}: the run had ended with ${code}`);
    isWhole = existsSync(output) && !existsSync(journalOf(output));
    const asked = site.requests - before;
    mostAtOnce = Math.max(mostAtOnce, site.mostAtOnce);
    const left = await scene.look();
    problems.push(
      ...[...left.problems, ...scene.wrongRequests(site, committed, isWhole)].map(
        (one) => `kill ${kill}: ${one}`,
      ),
    );
    if (!isWhole) mostAgain = Math.max(mostAgain, asked - (left.committed.size - committed.size));
    ({ committed } = left);
    requests += asked;
    if (problems.length > 5) break;
  }

  if (!isWhole) {
    await site.forget();
    const before = site.requests;
    const { code, stderr } = await runUrlmill(stage.command, args);
    requests += site.requests - before;
    mostAtOnce = Math.max(mostAtOnce, site.mostAtOnce);
    if (code !== 0) problems.push(`the last run has ended with ${code}: ${stderr}`);
    problems.push(...scene.wrongRequests(site, committed, true));
  }
  problems.push(...(await scene.problemsAtEnd()));
  const bound = rows + made * (concurrency + commitRows);
  if (requests > bound) problems.push(`${requests} requests were made, more than ${bound}`);
  if (mostAtOnce > perHost) problems.push(`${mostAtOnce} requests were made at once, more than ${perHost}`);
  if (made === 0) problems.push('no kill came before the end');
  return { kills: made, requests, bound, mostAgain, mostAtOnce, problems };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
