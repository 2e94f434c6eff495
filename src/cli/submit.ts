import { UsageError } from '../shared/errors.ts';
import { waitingFolders } from '../job/waiting-folders.ts';
import type { submitOptions } from '../options/submit.ts';
import { fileSource, streamSource } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { runOptions } from '../scale/job-options.ts';
import { submit as makeJob } from '../scale/submit.ts';
import { grouped } from '../watch/progress.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { refuseTwice } from './named-files.ts';
import { namedJob } from './named-job.ts';

/** The most lanes: each is a file, and a buffer in memory. */
const mostLanes = 4096;

/** Cuts a list into the pieces of a job. @returns the exit code */
export async function submit({
  operands,
  options,
  tell,
  printError,
  standardInput,
  environment,
}: Call<typeof submitOptions>): Promise<number> {
  const { job: path, lanes, laneBy, pieceRows, compress, quiet, ...said } = options;
  const job = namedJob(path);
  if (lanes > mostLanes) throw new UsageError(`--lanes: at most ${mostLanes} are possible, got ${lanes}`);
  const names = operands.length === 0 ? ['-'] : operands;
  if (names.includes('-') && isTerminal(standardInput)) {
    throw new UsageError(
      'no FILE is named, and standard input is a terminal (urlmill submit --help tells more)',
    );
  }
  refuseTwice(names);
  const sources = await Promise.all(
    names.map(async (name): Promise<Source> =>
      name === '-' ? streamSource(standardInput, 'standard input') : fileSource(name),
    ),
  );
  const how = { laneBy, laneCount: lanes, pieceRows, compressed: compress };
  const { file, wasThere } = await makeJob(sources, runOptions(said), how, job, {
    environment,
    directories: await waitingFolders(1),
    onNotice: (text) => void (quiet || tell(text)),
    onPrint: (text) => printError(String(text)),
  });
  if (!quiet) {
    const rows = `${grouped(file.rows)} rows in ${grouped(file.lanes.length)} lanes`;
    tell(`${rows} ${wasThere ? 'were submitted already' : 'are submitted'}; now urlmill work --job ${job}`);
  }
  return exitCodes.done.code;
}

function isTerminal(stream: object): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}
