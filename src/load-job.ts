import type { Job } from './job.ts';

/**
 * Loads the job part by part: Node opens all files of a level of imports at once, and the system may allow few open
 * files.
 */
export async function loadJob(): Promise<typeof Job> {
  await import('./fetch/engine.ts');
  await import('./fetch/fetch-urls.ts');
  await import('./write/open-output.ts');
  return (await import('./job.ts')).Job;
}
