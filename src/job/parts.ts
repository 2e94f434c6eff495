import type { FetchUrls } from '../fetch/fetch-urls.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Since } from '../since/since.ts';
import type { OpenedOutput } from '../write/open-output.ts';
import type { NamedRows } from './named-rows.ts';

/** What a job is made of, besides its input and its writer. */
export interface JobParts {
  readonly fetcher: FetchUrls;
  readonly saving: Saving | null;
  readonly since: Since | null;
  readonly named: NamedRows | null;
  readonly opened: OpenedOutput;
}
