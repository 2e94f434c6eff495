import { UsageError } from '../shared/errors.ts';

/** @throws UsageError when no folder is named, or an empty one, as by `--job "$JOB"` where JOB is not set */
export function namedJob(job: string | undefined): string {
  if (job === undefined || job === '') throw new UsageError('--job: name the folder of the job, --job DIR');
  return job;
}
