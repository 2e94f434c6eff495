import { jobIdentity, replacedOption } from './checks.ts';
import type { JobSurroundings } from './surroundings.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import type { Source } from '../read/source.ts';
import { standardDescriptor } from '../shared/output-target.ts';
import { dialectOf } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import type { AddedColumns } from '../write/layout-shape.ts';
import { openOutput } from '../write/open-output.ts';
import type { OpenedOutput } from '../write/open-output.ts';
import { descriptorOutput } from '../write/output.ts';
import type { WriterSettings } from '../write/write-results.ts';

export interface OutputSurroundings extends Pick<JobSurroundings, 'withoutFile'> {
  readonly notice: (text: string) => void;
  readonly saving: Saving | null;
}

/**
 * Opens the output of a job, and what an earlier run of the same job has left in it.
 *
 * @param target the path behind all links, or a descriptor of this process (`outputTarget`)
 * @throws UsageError, OutputError, BusyError
 */
export async function openedOutput(
  target: string | number,
  options: Options,
  sources: readonly Source[],
  { withoutFile, notice, saving }: OutputSurroundings,
): Promise<OpenedOutput> {
  if (target === standardDescriptor) return { output: withoutFile(), earlier: null };
  if (typeof target === 'number') return { output: descriptorOutput(target), earlier: null };
  return openOutput(target, {
    job: await jobIdentity(options, sources),
    replaced: await replacedOption(options, target),
    resume: options.resume,
    notice,
    beforeCommit: async () => saving?.sync(),
  });
}

/** How a job writes its rows. */
export function writerSettings(options: Options, added: AddedColumns): WriterSettings {
  const format = formatOf(options);
  return {
    format,
    dialect: dialectOf(options, format),
    gzip: /\.gz$/i.test(options.output ?? ''),
    added,
    exploded: options.explode ?? null,
  };
}
