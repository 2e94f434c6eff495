import { randomUUID } from 'node:crypto';

import { RunError, UsageError } from '../shared/errors.ts';
import { shownType } from '../shared/media-type.ts';
import { parseSaveWhen } from '../options/saving.ts';
import type { Options } from '../options/table.ts';
import type { SavedBody } from '../shared/records.ts';
import { InThisThread } from '../page/in-this-thread.ts';
import { removeLarge } from '../page/large-body.ts';
import type { LargeFolder } from '../page/large-body.ts';
import type { ResponsePage } from '../page/page.ts';
import { blankProcessed, failedBy } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import { SaveBodies } from './body-files.ts';
import { removeLeft } from './left-files.ts';
import { NamedFiles } from './named-files.ts';
import type { ShownCell } from './named-files.ts';
import type { WarcOutput, WarcPosition } from './warc-output.ts';

/** What a commit of a run keeps of its WARC file. */
export interface SavedPosition extends WarcPosition {
  /** Prefix of the temporary files of its large bodies, by which a resumed run finds and removes leftovers. */
  readonly mark?: string;
}

/** Saves responses to files (`--save-bodies`). */
export interface Saving {
  readonly column: string;
  /** Where large bodies are written as they come; null: nowhere. */
  readonly largeFolder: LargeFolder | null;
  readonly processing: Processing;
  /** The files that are named by columns; not given: files are named by hashes, or there is one WARC file. */
  readonly named?: NamedFiles;
  /** Whether the file that an earlier result names is there, and still has the body that it was saved with. */
  readonly holds: (file: string, body: SavedBody) => Promise<boolean>;
  /** Whether it needs the bytes of requests and responses. */
  readonly exchanges: boolean;
  /**
   * @param earlier `position()` at the last commit of the run that is resumed; null in a new run
   * @param ownFiles paths of files that the run itself writes. Default: none that could be in the folder
   * @throws OutputError
   */
  readonly open: (earlier: SavedPosition | null, ownFiles?: readonly string[]) => Promise<void>;
  /** How far the finished rows reach in the file, to be committed with them; null where that is not needed. */
  readonly position: () => SavedPosition | null;
  /** Makes everything saved so far survive a power cut. @throws OutputError when that fails */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

type SavingOptions = Pick<
  Options,
  | 'head'
  | 'method'
  | 'saveBodies'
  | 'saveFormat'
  | 'saveAs'
  | 'saveClash'
  | 'saveWhen'
  | 'skipSaved'
  | 'prefix'
>;

/**
 * Null when nothing is to be saved.
 *
 * @param shownCell needed where files are named by columns
 * @throws UsageError for options that have nothing to work on
 */
export function savingOf(options: SavingOptions, shownCell: ShownCell = asItIs): Saving | null {
  const { saveBodies: directory, saveFormat, saveAs: template, saveClash: clash, saveWhen, prefix } = options;
  refuseSaving(options);
  if (directory === undefined) return null;
  const column = `${prefix}file`;
  const isHead = options.head || options.method?.toUpperCase() === 'HEAD';
  const saving =
    template !== undefined
      ? namedSaving(new NamedFiles({ directory, template, clash, column, shownCell, isHead }), column)
      : saveFormat === 'warc'
        ? warcSaving(directory, column)
        : fileSaving(directory, column);
  return saveWhen === undefined ? saving : savingWhen(saving, parseSaveWhen(saveWhen));
}

const asItIs: ShownCell = (cell) => cell;

/** @throws UsageError */
function refuseSaving({
  saveBodies,
  saveFormat,
  saveAs,
  saveClash,
  saveWhen,
  skipSaved,
}: SavingOptions): void {
  const asked: readonly (readonly [flag: string, isAsked: boolean])[] = [
    ['--save-format', saveFormat === 'warc'],
    ['--save-as', saveAs !== undefined],
    ['--save-when', saveWhen !== undefined],
  ];
  for (const [flag, isAsked] of asked) {
    if (isAsked && saveBodies === undefined)
      throw new UsageError(`${flag}: name a folder by --save-bodies DIR`);
  }
  if (saveAs !== undefined && saveFormat === 'warc')
    throw new UsageError('--save-as names files, and --save-format warc makes one; leave out one of them');
  if (saveAs !== undefined) return;
  const needing = skipSaved ? '--skip-saved' : saveClash === 'number' ? null : '--save-clash';
  if (needing !== null)
    throw new UsageError(`${needing}: name the files by --save-as, as in --save-as '{id}{ext}'`);
}

/** Saves only the responses that meet a condition. */
function savingWhen(saving: Saving, condition: ReturnType<typeof parseSaveWhen>): Saving {
  const { process, close } = saving.processing;
  const isWanted = ({ status, contentType, large, body }: ResponsePage): boolean =>
    condition({ status, type: shownType(contentType), bytes: large?.size ?? body.length });
  const processing: Processing = {
    process: async (page) => {
      if (isWanted(page)) return process(page);
      if (page.large !== null) removeLarge(page.large);
      return blankProcessed;
    },
    close,
  };
  return { ...saving, processing };
}

function namedSaving(files: NamedFiles, column: string): Saving {
  return {
    column,
    largeFolder: files.largeFolder,
    named: files,
    processing: {
      process: async (page) => {
        try {
          return { ...blankProcessed, values: await files.save(page) };
        } catch (error) {
          if (error instanceof RunError) throw error;
          return failedBy(error);
        }
      },
      close: () => {},
    },
    holds: async (file, { sha256 }) => files.holds(file, sha256),
    exchanges: false,
    open: async (_earlier, ownFiles) => files.open(ownFiles),
    position: () => null,
    sync: async () => files.sync(),
    close: async () => files.close(),
  };
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
    holds: async (file, body) => bodies.holds(file, body),
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
    // A body in a WARC file has no file of its own to be found again, so it is saved each night.
    holds: async () => false,
    exchanges: true,
    async open(earlier) {
      const { WarcOutput: Warc } = await import('./warc-output.ts');
      output = await Warc.open(directory, earlier);
      // Only a run that was killed leaves such files.
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
