/** The code of a job, in one file of the bundled command: Node takes 0.5 ms to load each. */
export { Job } from '../job/job.ts';
export { fileSource, streamSource } from '../read/source.ts';
export { tellingFailure } from '../watch/metrics-file.ts';
export { standardOutput } from '../write/output.ts';
