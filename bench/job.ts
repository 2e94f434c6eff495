/**
 * Cost of submitting and collecting a job: `node dist/bench/job.js [ROWS] [LANES]`.
 *
 * A list of this many rows and 50,000 hosts is submitted from the system's temporary folder. Its pieces are
 * then filled with results in random order, as workers would leave them, and collected.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { JobFolder } from '../src/scale/job-folder.ts';
import { resultLine } from '../src/scale/result-lines.ts';
import type { Result, Row } from '../src/shared/records.ts';
import { measure } from './measure.ts';
import { fromRoot } from './project.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const lanes = process.argv[3] ?? '256';
const folder = await mkdtemp(join(tmpdir(), 'urlmill-job-'));
const job = join(folder, 'job');

function* list(): Generator<string> {
  yield 'id,url,name\n';
  for (let row = 0; row < rows;) {
    let block = '';
    for (const end = Math.min(rows, row + 1000); row < end; row++)
      block += `${row},https://h${(row * 7919) % 50_000}.example.org/articles/${row}.html,some name ${row}\n`;
    yield block;
  }
}

/** Runs the command, and prints its time and memory. */
async function timed(name: string, ...args: readonly string[]): Promise<void> {
  const { wall, cpu, peakRss } = await measure([process.execPath, fromRoot('dist/command/main.js'), ...args]);
  const perRow = (cpu / rows) * 1e6;
  console.log(
    `${name}: ${wall.toFixed(1)} s, CPU ${cpu.toFixed(1)} s (${perRow.toFixed(1)} µs a row), peak RSS ${Math.round(peakRss / 2 ** 20)} MiB`,
  );
}

function resultOf(row: Row): Result {
  return {
    row,
    status: 200,
    error: null,
    detail: '',
    url: row.url,
    host: new URL(row.url).hostname,
    type: 'text/html',
    charset: '',
    charsetFrom: '',
    bytes: row.number % 90_000,
    wireBytes: row.number % 30_000,
    sha256: '',
    soft404: null,
    notModified: false,
    change: null,
    ms: row.number % 900,
    attempts: 1,
    sameAs: null,
    at: 1_800_000_000_000 + row.number,
    redirects: [],
    trace: {
      remoteIp: '',
      httpVersion: '',
      etag: '',
      lastModified: '',
      server: '',
      dnsMs: null,
      connectMs: null,
      tlsMs: null,
      firstByteMs: null,
      certificate: null,
    },
    values: {},
    rows: null,
    page: 1,
    next: '',
    pagesBefore: [],
  };
}

async function fill(): Promise<void> {
  const opened = await JobFolder.open(job);
  for (const piece of opened.pieces) {
    const lines: string[] = [];
    for await (const batch of opened.rows(piece))
      lines.push(...batch.map((row) => resultLine(resultOf(row))));
    const shuffled = lines.toSorted((a, b) => a.length - b.length || (a.slice(-9) < b.slice(-9) ? -1 : 1));
    await writeFile(opened.outputOf(piece), shuffled.join(''));
  }
}

try {
  await pipeline(Readable.from(list()), createWriteStream(join(folder, 'list.csv')));
  await timed('submit', 'submit', '--job', job, '--lanes', lanes, join(folder, 'list.csv'));
  await fill();
  await timed('collect', 'collect', '--job', job, '-o', join(folder, 'any.csv'));
  await timed('collect --ordered', 'collect', '--job', job, '--ordered', '-o', join(folder, 'ordered.csv'));
  await timed('status', 'status', '--job', job);
} finally {
  await rm(folder, { recursive: true, force: true });
}
