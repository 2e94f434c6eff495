import { UsageError } from '../shared/errors.ts';
import type { Options } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import type { LargeFolder } from '../page/large-body.ts';
import { blankProcessed } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import { SaveBodies } from './body-files.ts';
import type { WarcOutput, WarcPosition } from './warc-output.ts';

/** Saves responses to files (`--save-bodies`). */
export interface Saving {
  readonly column: string;
  /** Where large bodies are written as they come; null: nowhere. */
  readonly largeFolder: LargeFolder | null;
  readonly processing: Processing;
  /** Whether it needs the bytes of requests and responses. */
  readonly exchanges: boolean;
  /** @param earlier `position()` at the last commit of the run that is resumed; null in a new run @throws OutputError */
  readonly open: (earlier: WarcPosition | null) => Promise<void>;
  /** How far the finished rows reach in the file, to be committed with them; null where that is not needed. */
  readonly position: () => WarcPosition | null;
  /** Makes everything saved so far survive a power cut. @throws OutputError when that fails */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Null when nothing is to be saved. @throws UsageError for --save-format without --save-bodies */
export function savingOf({
  saveBodies: directory,
  saveFormat,
  prefix,
}: Pick<Options, 'saveBodies' | 'saveFormat' | 'prefix'>): Saving | null {
  if (directory !== undefined) {
    return saveFormat === 'warc'
      ? warcSaving(directory, `${prefix}file`)
      : fileSaving(directory, `${prefix}file`);
  }
  if (saveFormat === 'warc') throw new UsageError('--save-format: name a folder by --save-bodies DIR');
  return null;
}

function fileSaving(directory: string, column: string): Saving {
  const bodies = new SaveBodies(directory, column);
  // Without a time limit, as a slow disk delays the run and must not fail its rows.
  const small = new InThisThread([bodies], 0);
  return {
    column,
    largeFolder: bodies.largeFolder,
    processing: {
      process: async (page) =>
        page.large === null
          ? small.process(page)
          : { ...blankProcessed, values: await bodies.take(page.large) },
      close: small.close,
    },
    exchanges: false,
    open: async () => bodies.open(),
    position: () => null,
    sync: async () => bodies.sync(),
    close: async () => bodies.close(),
  };
}

function warcSaving(directory: string, column: string): Saving {
  let output: WarcOutput | null = null;
  return {
    column,
    largeFolder: null,
    processing: {
      async process({ exchanged }) {
        if (exchanged === null || output === null) return blankProcessed;
        return { ...blankProcessed, values: { [column]: await output.add(exchanged) } };
      },
      close: () => {},
    },
    exchanges: true,
    async open(earlier) {
      const { WarcOutput: Warc } = await import('./warc-output.ts');
      output = await Warc.open(directory, earlier);
    },
    position: () => output?.position() ?? null,
    sync: async () => output?.sync(),
    close: async () => output?.close(),
  };
}
