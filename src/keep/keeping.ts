import { randomUUID } from 'node:crypto';

import { UsageError } from '../shared/errors.ts';
import type { Options } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import type { LargeFolder } from '../page/large-body.ts';
import { blankProcessed } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import { SaveBodies } from './body-files.ts';
import { removeLeft } from './left-files.ts';
import type { WarcOutput, WarcPosition } from './warc-output.ts';

/** What a commit of a run keeps of its WARC file. */
export interface SavedPosition extends WarcPosition {
  /** How the files of its large bodies were named, until they were in it. */
  readonly mark?: string;
}

/** Saves responses to files (`--save-bodies`). */
export interface Saving {
  readonly column: string;
  /** Where large bodies are written as they come; null: nowhere. */
  readonly largeFolder: LargeFolder | null;
  readonly processing: Processing;
  /** Whether it needs the bytes of requests and responses. */
  readonly exchanges: boolean;
  /** @param earlier `position()` at the last commit of the run that is resumed; null in a new run @throws OutputError */
  readonly open: (earlier: SavedPosition | null) => Promise<void>;
  /** How far the finished rows reach in the file, to be committed with them; null where that is not needed. */
  readonly position: () => SavedPosition | null;
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
  const largeFolder = { directory, mark: `.tmp-${randomUUID()}-` };
  return {
    column,
    largeFolder,
    processing: {
      async process({ exchanged, hops, large }) {
        if (exchanged === null || output === null) return blankProcessed;
        return { ...blankProcessed, values: { [column]: await output.add([...hops, exchanged], large) } };
      },
      async processHops(hops) {
        await output?.add(hops);
      },
      close: () => {},
    },
    exchanges: true,
    async open(earlier) {
      const { WarcOutput: Warc } = await import('./warc-output.ts');
      output = await Warc.open(directory, earlier);
      // That run was killed if it has left any.
      const mark = earlier?.mark;
      if (isMark(mark)) await removeLeft({ directory, mark });
    },
    position: () => output && { ...output.position(), mark: largeFolder.mark },
    sync: async () => output?.sync(),
    async close() {
      await output?.close();
      await removeLeft(largeFolder);
    },
  };
}

/** A mark from a journal must be one, so that no other file is removed. */
function isMark(mark: string | undefined): mark is string {
  return mark !== undefined && /^\.tmp-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}-$/.test(mark);
}
