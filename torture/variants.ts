import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { journalOf, partOf } from '../src/write/file-output.ts';
import { readJournal } from '../src/write/journal.ts';
import type { Fault } from './faults.ts';
import { rowsOf, wrongIn } from './output-rows.ts';
import type { Expected } from './output-rows.ts';
import { makesRequest } from './input.ts';
import { outputRows, writeModule } from './processor.ts';
import { Scene } from './scene.ts';
import { runUrlmill, traceUrlmill } from './urlmill.ts';
import type { Command } from './urlmill.ts';

/** What is there when the run with the fault begins. */
type Start =
  /** Nothing, or a FILE of an earlier day. */
  | 'nothing'
  | 'old'
  /** A run of the job was killed between two commits. `torn`: its uncommitted bytes on disk are rubbish. */
  | 'killed'
  | 'torn'
  /** A run of the job was killed before the final rename. */
  | 'finished'
  /** A run of another job was killed. */
  | 'another';

/** The job of a variant. */
export interface Job {
  readonly file: string;
  readonly options: readonly string[];
  /**
   * A module in threads that makes none or several output rows per row. `troubled`: some rows hang or end
   * their thread.
   */
  readonly module?: 'calm' | 'troubled';
  /** Whether it is compared with an earlier result, in which some pages differ. */
  readonly since?: boolean;
  /** Number of output rows per input row, without a module. Default: one. */
  readonly elements?: (row: number) => number;
}

export interface Variant extends Job {
  readonly name: string;
  readonly about: string;
  readonly start: Start;
}

/** Options of the variants with a module. */
const threads = ['--threads', '2', '--extract', 'title'];

export const variants: readonly Variant[] = [
  { name: 'csv', about: 'a new CSV, where an old one is', file: 'out.csv', options: [], start: 'old' },
  { name: 'gz', about: 'a new CSV, compressed', file: 'out.csv.gz', options: [], start: 'nothing' },
  { name: 'jsonl', about: 'a new JSON Lines file', file: 'out.jsonl', options: [], start: 'nothing' },
  { name: 'ordered', about: 'a new CSV in order', file: 'out.csv', options: ['--ordered'], start: 'old' },
  { name: 'resume', about: '--resume after a kill', file: 'out.csv', options: [], start: 'killed' },
  { name: 'resume-gz', about: 'the same, compressed', file: 'out.csv.gz', options: [], start: 'killed' },
  {
    name: 'resume-ordered',
    about: 'the same, in order',
    file: 'out.csv',
    options: ['--ordered'],
    start: 'killed',
  },
  {
    name: 'torn',
    about: '--resume after a kill; rubbish behind the last commit, half a record in the journal',
    file: 'out.csv',
    options: [],
    start: 'torn',
  },
  {
    name: 'renaming',
    about: '--resume where only the renaming is left',
    file: 'out.csv',
    options: [],
    start: 'finished',
  },
  {
    name: 'another',
    about: 'a new CSV, where a killed run of another job is',
    file: 'out.csv',
    options: [],
    start: 'another',
  },
  {
    name: 'threads',
    about: 'a new CSV, in threads; several rows of a row, or none',
    file: 'out.csv',
    options: threads,
    module: 'calm',
    start: 'old',
  },
  {
    name: 'threads-resume',
    about: 'the same after a kill, in order and compressed',
    file: 'out.csv.gz',
    options: [...threads, '--ordered'],
    module: 'calm',
    start: 'killed',
  },
  {
    name: 'exploded',
    about: 'the same without threads; the elements of a list are rows',
    file: 'out.csv',
    options: ['--body', 'body', '--regex', 'letters*=(?<=x{900})x', '--explode', 'letters'],
    elements: exploded,
    start: 'killed',
  },
];

/**
 * A page of more than 900 letters has one element per letter above 900. The longest row is larger than a
 * batch.
 */
function exploded(row: number): number {
  return makesRequest(row) ? Math.max(1, (row % 1000) - 900) : 1;
}

/** What the runs of a variant need. */
export interface Stage {
  readonly command: Command;
  /** Folder for everything that is written. */
  readonly dir: string;
  readonly input: string;
  /** Number of rows in `input`. */
  readonly rows: number;
}

export function argumentsFor(job: Job, stage: Stage, output: string): string[] {
  return ['-q', '-c', '64', '--per-host', '64', ...optionsOf(job, stage), '-o', output, stage.input];
}

/** The options of a job, with its module. */
export function optionsOf({ options, module, since = false }: Job, stage: Stage): string[] {
  const earlier = since ? ['--since', earlierPath(stage)] : [];
  const own = module === undefined ? [] : ['--module', modulePath(stage, module)];
  return [...options, ...earlier, ...own];
}

function earlierPath({ dir }: Stage): string {
  return join(dir, 'earlier.csv');
}

function modulePath({ dir }: Stage, module: string): string {
  return join(dir, `${module}.mjs`);
}

/** Whether the run with the fault has `--resume`. */
export function resumes({ start }: Variant): boolean {
  return start === 'killed' || start === 'torn' || start === 'finished';
}

/** The rows of an undisturbed run. @throws Error if it does not end well */
export async function undisturbed(stage: Stage, job: Job): Promise<Expected> {
  const { command, dir, rows } = stage;
  const { file, module, since = false, elements = () => 1 } = job;
  const settings = { rows, isTroubled: module === 'troubled' };
  if (module !== undefined) await writeModule(modulePath(stage, module), settings);
  if (since) await writeEarlier(stage);
  const output = join(dir, `undisturbed-${file}`);
  const { code, stderr } = await runUrlmill(command, argumentsFor(job, stage, output));
  if (code !== 0) throw new Error(`the undisturbed run has ended with ${code}: ${stderr}`);
  const found = rowsOf(await readFile(output), file);
  const made = new Map(found);
  const expected = new Map(numbers(rows).map((row) => [row, made.get(row) ?? []]));
  const ordered = job.options.includes('--ordered');
  const wrong = wrongIn(found, expected, { ordered, whole: true });
  if (wrong !== null) throw new Error(`the undisturbed run: ${wrong}`);
  for (const [row, cells] of expected) {
    const right = module === undefined ? elements(row) : outputRows(row, settings);
    if (cells.length !== right)
      throw new Error(`the undisturbed run: row ${row} is there ${cells.length} times, not ${right} times`);
  }
  return expected;
}

/** Writes an earlier result in which every fifth row failed and every seventh has another hash. */
async function writeEarlier(stage: Stage): Promise<void> {
  const path = earlierPath(stage);
  const job = { file: 'earlier.csv', options: ['--ordered'], since: true };
  const { code, stderr } = await runUrlmill(stage.command, argumentsFor(job, stage, path));
  if (code !== 0) throw new Error(`the earlier run has ended with ${code}: ${stderr}`);
  const lines = (await readFile(path, 'utf8')).split('\n');
  const edited = lines.map((line, row) => {
    if (row % 5 === 0) return line.replace(',200,', ',500,');
    return row % 7 === 0 ? line.replace(/[0-9a-f](?=[0-9a-f]{63})/, 'x') : line;
  });
  await writeFile(path, edited.join('\n'));
}

function numbers(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

/** The initial state of a variant. */
export async function sceneOf(stage: Stage, variant: Variant): Promise<Scene> {
  const output = join(stage.dir, variant.name, variant.file);
  const expected = await undisturbed(stage, variant);
  const ordered = variant.options.includes('--ordered');
  const scene = new Scene(output, expected, { ordered });
  if (variant.start === 'nothing') return scene;
  const old = [variant.file, Buffer.from('an output of another day\n')] as const;
  if (variant.start === 'old') return new Scene(output, expected, { ordered, first: new Map([old]) });

  await scene.restore();
  const foreign = variant.start === 'another';
  // One fdatasync comes with the journal's head and two with the first commit, so the fourth is in the second
  // commit.
  const fault: Fault =
    variant.start === 'finished'
      ? { kind: 'kill', call: 'rename', nth: 1 }
      : { kind: 'kill', call: 'fdatasync', nth: 4 };
  const job = foreign ? { ...variant, options: [...variant.options, '--max-redirects', '9'] } : variant;
  const { hit } = await traceUrlmill(stage.command, argumentsFor(job, stage, output), output, fault);
  const left = await readJournal(journalOf(output), Infinity);
  if (!hit || left === null || left.rows.size === 0)
    throw new Error('the first run was not killed where it should be');
  const first = await scene.files();
  if (variant.start === 'torn') tear(first, output, left.end, left.journalEnd);
  return new Scene(output, expected, { ordered, foreign, first: new Map([...first, old]) });
}

/** Imitates what a power cut may leave of bytes that were not yet on disk. */
function tear(files: Map<string, Buffer>, output: string, end: number, journalEnd: number): void {
  const part = files.get(basename(partOf(output))) ?? Buffer.alloc(0);
  const journal = files.get(basename(journalOf(output))) ?? Buffer.alloc(0);
  const good = journal.subarray(0, journalEnd);
  const last = good.subarray(good.lastIndexOf('\n', -2) + 1);
  files.set(basename(partOf(output)), Buffer.concat([part.subarray(0, end), Buffer.alloc(5000)]));
  files.set(basename(journalOf(output)), Buffer.concat([good, last.subarray(0, last.length / 2)]));
}
