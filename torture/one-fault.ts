import { stat } from 'node:fs/promises';

import type { Fault } from './faults.ts';
import type { Left, Scene } from './scene.ts';
import type { Site } from './site.ts';
import { runUrlmill, traceUrlmill } from './urlmill.ts';
import type { Command, TracedEnd } from './urlmill.ts';

export interface Outcome {
  /** Whether the fault happened. Runs differ by a call or two, so the nth call may not be reached. */
  readonly hit: boolean;
  readonly problems: readonly string[];
}

/** Runs the command with a fault, then again with `--resume`, and checks both outcomes. */
export async function tryFault(
  command: Command,
  args: readonly string[],
  { scene, site, fault, resume }: { scene: Scene; site: Site; fault: Fault; resume: boolean },
): Promise<Outcome> {
  await scene.restore();
  const before = await scene.look();
  await site.forget();
  const ended = await traceUrlmill(command, resume ? ['--resume', ...args] : args, scene.output, fault);
  const left = await scene.look();
  const problems = [
    ...left.problems,
    ...scene.wrongRequests(site, before.committed, ended.code === 0),
    ...(ended.hit && ended.code === 4 ? await wrongReport(ended.stderr, left) : []),
    ...wrongEnd(ended, fault),
    ...(ended.code === 0 ? await scene.problemsAtEnd() : []),
  ];
  if (!ended.hit) return { hit: false, problems };

  await site.forget();
  const again = await runUrlmill(command, ['--resume', ...args]);
  if (again.code !== 0 || again.stderr !== '') {
    problems.push(`--resume has ended with ${again.hung ? 'nothing' : again.code}: ${again.stderr}`);
  }
  problems.push(...scene.wrongRequests(site, left.committed, true), ...(await scene.problemsAtEnd()));
  return { hit: true, problems };
}

function wrongEnd({ code, stderr, hung, hit }: TracedEnd, { kind }: Fault): string[] {
  if (hung) return ['the run did not end'];
  const good = hit && kind === 'kill' ? code === null : code === 0 || (hit && code === 4);
  const lines = stderr.split('\n').length - 1;
  if (good && lines === (code === 4 ? 1 : 0)) return [];
  return [`the run has ended with ${code} and said: ${stderr}`];
}

/** Checks what an error message says about safe rows. */
async function wrongReport(stderr: string, { committed }: Left): Promise<string[]> {
  const [, safe, where] = /; (\d+) rows are safe(?: in ([^;\s]+))?/.exec(stderr) ?? [];
  if (safe === undefined) return [];
  const isThere = where === undefined || (await stat(where).catch(() => null)) !== null;
  if (isThere && Number(safe) <= committed.size) return [];
  return [`${committed.size} rows can be gone on with, and it says: ${stderr}`];
}
