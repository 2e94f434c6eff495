import type { RequestSettings } from '../fetch/request/request.ts';
import type { Options } from '../options/table.ts';
import type { SavedBody } from '../shared/records.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import type { Written } from './compared.ts';

/** What is known of saved bodies. */
export interface SavedFiles {
  readonly column: string;
  /** Whether the file that the earlier result names is there, and still has the body that it was saved with. */
  readonly holds: (file: string, body: SavedBody) => Promise<boolean>;
}

/** What comparing with an earlier result needs to know of the run. */
export interface SinceSetup {
  readonly options: Options & { readonly since: string };
  /** The columns of the earlier result that are not the user's. */
  readonly own: OwnColumns;
  readonly written: Written;
  /** The columns by which a page counts as changed. */
  readonly compared: readonly string[];
  readonly settings: RequestSettings;
  /** Where bodies are saved; null: they are not. */
  readonly saving: SavedFiles | null;
  /** Folders for temporary files. */
  readonly directories: readonly string[];
  readonly notice: (text: string) => void;
}
