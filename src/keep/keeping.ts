import { UsageError } from '../shared/errors.ts';
import type { Options } from '../options/table.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import { blankProcessed } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import { SaveBodies } from './body-files.ts';
import type { WarcOutput, WarcPosition } from './warc-output.ts';

/** Where responses are kept besides the rows (`--save-bodies`). */
export interface Saving {
  readonly column: string;
  readonly processing: Processing;
  /** Whether it needs to know what went over the wire. */
  readonly exchanges: boolean;
  /** @param earlier what `position()` said of the last rows that are safe; null in a new run @throws OutputError */
  readonly open: (earlier: WarcPosition | null) => Promise<void>;
  /** What belongs to the rows that are done, to be kept with them. */
  readonly position: () => WarcPosition | null;
  /** @throws OutputError when the system cannot promise that all that was saved outlasts a power cut */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Null where nothing is to be saved. @throws UsageError */
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
  return {
    column,
    // A slow disk holds up the run, it does not fail rows: there is no time limit.
    processing: new InThisThread([bodies], 0),
    exchanges: false,
    open: async () => bodies.open(),
    position: () => null,
    sync: async () => bodies.sync(),
    close: async () => {},
  };
}

function warcSaving(directory: string, column: string): Saving {
  let output: WarcOutput | null = null;
  return {
    column,
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
