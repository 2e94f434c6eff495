export { run } from './run.ts';
export type { RunOptions } from './run.ts';
export { readUrls } from './read/read-urls.ts';
export type { ReadUrls, ReadUrlsOptions } from './read/read-urls.ts';
export { fetchUrls } from './fetch/fetch-urls.ts';
export type { FetchUrls } from './fetch/fetch-urls.ts';
export type { FetchUrlsOptions } from './fetch/fetch-options.ts';
export { writeResults } from './write/write-results.ts';
export type { WriteResults, WriteResultsOptions } from './write/write-results.ts';
export {
  BusyError,
  InputError,
  OutputError,
  PipeClosedError,
  RunError,
  UsageError,
} from './shared/errors.ts';
export type { FailureCode } from './shared/failures.ts';
export type {
  Change,
  Earlier,
  MakeProcessor,
  Page,
  Processor,
  Result,
  Row,
  Table,
  Value,
  Values,
} from './shared/records.ts';
export type { Summary } from './watch/summary.ts';
