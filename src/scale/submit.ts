import { InputError, UsageError } from '../shared/errors.ts';
import type { Row } from '../shared/records.ts';
import { version } from '../shared/version.ts';
import { requestMaker } from '../fetch/request/request.ts';
import { jobIdentity, refuseOptions } from '../job/checks.ts';
import type { Options } from '../options/table.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import { formatOf } from '../write/formats.ts';
import { difference } from '../write/job-identity.ts';
import type { JobIdentity } from '../write/job-identity.ts';
import { layoutOf, leftOut } from '../write/layout.ts';
import { ClaimedFolder } from './claimed-folder.ts';
import { jobFormat, readJobFile } from './job-file.ts';
import type { JobFile } from './job-file.ts';
import { otherFlags, saidOf, withAbsolutePaths } from './job-options.ts';
import { laneFinder } from './lane-of.ts';
import type { LaneBy } from './lane-of.ts';
import { PieceWriter } from './piece-writer.ts';
import { writtenRow } from './row-lines.ts';
import { openStages } from './stages.ts';
import type { StageSurroundings, Stages } from './stages.ts';

/** How a list is cut into lanes and pieces. */
export interface CutHow {
  readonly laneBy: LaneBy;
  readonly laneCount: number;
  readonly pieceRows: number;
  readonly compressed: boolean;
}

export interface Submitted {
  readonly file: JobFile;
  /** Whether the same job was there already. */
  readonly wasThere: boolean;
}

/**
 * Makes a job of a list. Whatever a run would find wrong with options and columns is found before anything is
 * written. A submit that was killed can simply be repeated.
 *
 * @param path the folder of the job; its parent must exist
 * @throws UsageError, InputError, OutputError, BusyError as a run does; UsageError when another job is in the folder
 */
export async function submit(
  sources: readonly Source[],
  said: Options,
  how: CutHow,
  path: string,
  surroundings: StageSurroundings,
): Promise<Submitted> {
  refuseOptions(said);
  const options = withAbsolutePaths(said);
  const stages = await openStages(options, surroundings);
  const identity = { ...(await jobIdentity(options, sources)), options: {} };
  try {
    const there = await readJobFile(path);
    if (there !== null) {
      refuseOther(path, there, { options, how, identity });
      return { file: there, wasThere: true };
    }
    const list = await openList(sources, options, stages, surroundings.onNotice);
    const file = await ClaimedFolder.claim(path, (folder) =>
      cut(list, folder, how, { options: saidOf(options), identity, processed: stages.processed }),
    );
    return { file, wasThere: false };
  } finally {
    stages.close();
  }
}

interface Asked {
  readonly options: Options;
  readonly how: CutHow;
  readonly identity: JobIdentity;
}

function refuseOther(path: string, there: JobFile, { options, how, identity }: Asked): void {
  const { laneBy, laneCount: lanes, pieceRows, compressed: compress } = there;
  const { laneCount, compressed, ...same } = how;
  const flags = otherFlags(
    { ...there.options, laneBy, lanes, pieceRows, compress },
    { ...saidOf(options), ...same, lanes: laneCount, compress: compressed },
  );
  const other = flags.length > 0 ? `it was made with another ${flags.join(', ')}` : null;
  const why = difference(there.identity, identity) ?? other;
  if (why !== null) throw new UsageError(`--job: ${path} holds another job (${why}); name another folder`);
}

interface List {
  readonly state: ReadState;
  readonly batches: AsyncGenerator<Row[]>;
}

/** Opens a list: reads its first rows, and checks its columns. */
async function openList(
  sources: readonly Source[],
  options: Options,
  { columns: { added, own }, fetcher }: Stages,
  onNotice: (text: string) => void,
): Promise<List> {
  const state = new ReadState();
  state.onFault = (text) => onNotice(`${text} (such rows are bad-row)`);
  state.onNotice = onNotice;
  state.onTable = (table) => {
    requestMaker(fetcher.settings, table);
    const left = leftOut(table, layoutOf(table, added));
    if (left !== null) onNotice(left);
  };
  const fixedColumns = formatOf(options) !== 'jsonl';
  const batches = readRows(sources, { ...options, fixedColumns, isDone: null, own }, state);
  const first = await batches.next();
  return { state, batches: behind(first, batches) };
}

async function* behind(
  first: IteratorResult<Row[], unknown>,
  others: AsyncGenerator<Row[]>,
): AsyncGenerator<Row[]> {
  if (first.done === true) return;
  yield first.value;
  yield* others;
}

async function cut(
  list: List,
  folder: ClaimedFolder,
  { laneBy, laneCount, pieceRows, compressed }: CutHow,
  known: Pick<JobFile, 'options' | 'identity' | 'processed'>,
): Promise<JobFile> {
  const laneOf = await laneFinder(laneBy, laneCount, pieceRows);
  const writer = new PieceWriter(folder.pieces, { laneCount, pieceRows, compressed });
  for await (const rows of list.batches) {
    for (const row of rows) {
      const writing = writer.add(laneOf(row), `${JSON.stringify(writtenRow(row))}\n`);
      if (writing !== null) await writing;
    }
  }
  const lanes = await writer.finish();
  const { table, rows, comments, dialect } = list.state;
  if (table === null) throw new InputError('the list has no columns');
  const file: JobFile = {
    format: jobFormat,
    id: folder.id,
    version,
    submittedAt: new Date().toISOString(),
    ...known,
    table,
    isJson: dialect?.format === 'jsonl',
    laneBy,
    laneCount,
    pieceRows,
    compressed,
    rows,
    comments,
    lanes,
  };
  await folder.finish(file);
  return file;
}
