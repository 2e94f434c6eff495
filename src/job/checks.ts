import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { UsageError } from '../shared/errors.ts';
import { flagName, optionNames, shapingNames, table } from '../options/table.ts';
import type { OptionName, Options } from '../options/table.ts';
import { identityOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { version } from '../shared/version.ts';
import { dialectOf } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import { journalOf, partOf } from '../write/file-output.ts';
import type { JobIdentity } from '../write/job-identity.ts';
import { refuseOutputName } from '../write/output-name.ts';
import { contentHash } from './named-files.ts';
import { refuseSkipSaved } from './named-rows.ts';

/** @throws UsageError for options that contradict each other, or an output name that promises another format */
export function refuseOptions(options: Options): void {
  if (options.retryFailed !== undefined && options.noHeader) {
    throw new UsageError(
      '--retry-failed: the columns of a result are known by its header; leave out --no-header',
    );
  }
  refuseSince(options);
  refuseSkipSaved(options);
  if (options.saveAs !== undefined && options.next !== undefined) {
    throw new UsageError(
      '--save-as names one file for each row, and --next fetches several pages of it; leave out one of them',
    );
  }
  if (options.headerLine && options.noHeader) {
    throw new UsageError('--header and --no-header cannot both be true');
  }
  refuseOutputName(options);
  dialectOf(options, formatOf(options));
}

function refuseSince({ since, changeBy, noHeader, retryFailed, explode, next }: Options): void {
  if (since === undefined) {
    if (changeBy === undefined) return;
    throw new UsageError('--change-by: there is nothing to compare with; name an earlier result by --since');
  }
  if (since === '') throw new UsageError('--since: name a file, an earlier result of the same list');
  if (since === '-') {
    throw new UsageError('--since: an earlier result is read more than once; save standard input as a file');
  }
  if (noHeader) {
    throw new UsageError('--since: the columns of a result are known by its header; leave out --no-header');
  }
  if (retryFailed !== undefined) {
    throw new UsageError(
      '--since and --retry-failed both name an earlier result; run --retry-failed first, then the list with --since',
    );
  }
  const several = explode !== undefined ? '--explode' : next !== undefined ? '--next' : null;
  if (several !== null) {
    throw new UsageError(
      `--since compares one line of each row, and ${several} writes several; leave out one of them`,
    );
  }
}

/**
 * Refuses to write over a file that the run reads. With `--retry-failed` the output may replace its input, as that
 * happens at the end.
 *
 * @param output the path behind all links, or a descriptor of this process (`outputTarget`)
 * @throws UsageError naming the file
 */
export async function refuseOwnInput(
  options: Pick<Options, 'retryFailed'> & Partial<Options>,
  output: string | number,
  sources: readonly Pick<Source, 'name' | 'reopens'>[],
): Promise<void> {
  const outputs = typeof output === 'number' ? [] : [output, partOf(output), journalOf(output)];
  const inputs = sources.filter(({ reopens }) => reopens).map(({ name }) => name);
  for (const path of outputs) {
    if (path === output && options.retryFailed !== undefined) continue;
    if (await isOneOf(path, inputs))
      throw new UsageError(`--output: ${path} is the input; name another file`);
  }
  const read = filesRead(options);
  const { since, retryFailed } = options;
  // The output may replace an earlier result.
  const kept = read.filter((path) => path !== since && path !== retryFailed);
  for (const path of outputs) {
    if ((await isPlain(path)) && (await isOneOf(path, kept)))
      throw new UsageError(`--output: ${path} is a file that another option reads; name another file`);
  }
  const { summary, metrics } = options;
  const others = [...inputs, ...outputs, ...read];
  await refuseOneOf('--summary', summary, others);
  await refuseOneOf('--metrics', metrics, summary === undefined ? others : [...others, summary]);
}

/** The files that a run writes itself, besides those of saved bodies. @param output as for `refuseOwnInput` */
export function ownFiles(
  { summary, metrics }: Pick<Options, 'summary' | 'metrics'>,
  output: string | number,
): string[] {
  const outputs = typeof output === 'number' ? [] : [output, partOf(output), journalOf(output)];
  const others = [summary, metrics].filter((path) => typeof path === 'string');
  return [...outputs, ...others.filter((path) => path !== '-')];
}

/** The files that options name and the run reads. */
function filesRead(options: Partial<Options>): string[] {
  const written = new Set<OptionName>(['output', 'summary', 'metrics']);
  const names = optionNames.filter((name) => table[name].hint === 'FILE' && !written.has(name));
  const headers = (options.header ?? []).flatMap((line) => (line.startsWith('@') ? [line.slice(1)] : []));
  return [...names.map((name) => options[name]), ...headers].filter((path) => typeof path === 'string');
}

/** Whether it is a file that can be replaced: a device can be read and written at once. */
async function isPlain(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

async function refuseOneOf(flag: string, path: string | undefined, others: readonly string[]): Promise<void> {
  if (path === undefined || path === '-' || !(await isOneOf(path, others))) return;
  throw new UsageError(`${flag}: ${path} is another file of this job; name one of its own`);
}

async function isOneOf(path: string, others: readonly string[]): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  for (const other of others) {
    const that = await stat(other).catch(() => null);
    if (
      that === null ? resolve(path) === resolve(other) : that.dev === there?.dev && that.ino === there.ino
    ) {
      return true;
    }
  }
  return false;
}

/** `since` if the output replaces the file of `--since`, which then is another file when the run is over; else null. */
export async function replacedOption({ since }: Options, output: string): Promise<string | null> {
  return since !== undefined && (await isOneOf(output, [since])) ? 'since' : null;
}

/** @throws UsageError when `--resume` is given without an output file, or with an input that cannot be read twice */
export function refuseResume({ resume }: Options, output: string | number, sources: readonly Source[]): void {
  if (!resume) return;
  if (typeof output === 'number')
    throw new UsageError('--resume: name the file to go on with by --output FILE');
  const stream = sources.find(({ reopens }) => !reopens);
  if (stream !== undefined) {
    throw new UsageError(
      `--resume: ${stream.name} cannot be read a second time from where it was left; save it as a file and name that`,
    );
  }
}

/** Identifies the job, so that a later run can tell whether it is the same. @throws InputError for an unreadable input */
export async function jobIdentity(options: Options, sources: readonly Source[]): Promise<JobIdentity> {
  const shaping = shapingNames.map((name) => [flagName(name), hash(JSON.stringify(options[name] ?? null))]);
  const inputs = await Promise.all(sources.map(identityOf));
  const contents = shapingNames.flatMap((name) => {
    const path = options[name];
    return table[name].shapes === 'content' && typeof path === 'string'
      ? [contentOf(flagName(name), path)]
      : [];
  });
  return {
    version,
    inputs,
    options: Object.fromEntries(shaping) as Record<string, string>,
    contents: Object.fromEntries(await Promise.all(contents)),
  };
}

async function contentOf(flag: string, path: string): Promise<[flag: string, hash: string | null]> {
  return [flag, await contentHash(path)];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
