import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callbackify } from 'node:util';

import { rowStream } from '../../src/read/row-stream.ts';
import { commitFile } from '../../src/scale/commit.ts';
import { JobFolder } from '../../src/scale/job-folder.ts';
import { pieceName } from '../../src/scale/pieces.ts';
import type { Piece } from '../../src/scale/pieces.ts';
import { resultLine } from '../../src/scale/result-lines.ts';
import { openStages } from '../../src/scale/stages.ts';
import type { Result } from '../../src/shared/records.ts';
import { Statistics } from '../../src/watch/statistics.ts';

/** Does the work of workers without a queue: all pieces that are not done, or at most this many. */
export async function standIn(folder: string, most = Infinity): Promise<void> {
  const job = await JobFolder.open(folder);
  const done = await job.done();
  const left = job.pieces.filter((piece) => !done.has(pieceName(piece)));
  for (const piece of left.slice(0, most)) await fetchPiece(job, piece);
}

async function fetchPiece(job: JobFolder, piece: Piece): Promise<void> {
  const stages = await openStages(job.options, {
    environment: {},
    directories: [tmpdir()],
    onNotice: () => {},
    onPrint: () => {},
  });
  const startedAt = Date.now();
  const statistics = new Statistics(false);
  const path = job.temporaryOf(piece, randomUUID());
  const file = await open(path, 'wx');
  const writeFile = callbackify(async (line: string) => file.appendFile(line));
  const writer = new Writable({
    objectMode: true,
    write: (result: Result, _encoding, callback) => {
      statistics.add(result);
      writeFile(resultLine(result), callback);
    },
  });
  try {
    await stages.saving?.open(null);
    await pipeline([rowStream(job.rows(piece)), stages.fetcher, writer]);
    await file.sync();
    await stages.saving?.sync();
  } finally {
    await file.close();
    await stages.saving?.close();
    stages.close();
  }
  if (!(await commitFile(path, job.outputOf(piece)))) return;
  await job.writeStats(piece, {
    worker: 'stand-in',
    startedAt,
    endedAt: Date.now(),
    figures: statistics.figures(),
  });
}
