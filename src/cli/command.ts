import { fstatSync } from 'node:fs';

import { PipeClosedError, RunError, UsageError } from '../shared/errors.ts';
import { configFileLayer } from '../options/config-file.ts';
import { readFromStandardInput } from '../options/option-file.ts';
import { environmentLayer, resolveOptions } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import type { Job } from '../job/job.ts';
import type { Source } from '../read/source.ts';
import { version } from '../shared/version.ts';
import { printable, withoutCredentials } from '../watch/escape.ts';
import { closingLine } from '../watch/closing-line.ts';
import { Progress, grouped } from '../watch/progress.ts';
import type { Summary } from '../watch/summary.ts';
import { parseArguments } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { mainLine, usageLine } from './command-line.ts';
import type { Surroundings } from './call.ts';
import { commands, subCommandOf } from './commands.ts';
import type { SubCommand } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { helpText } from './help.ts';
import { Signals } from './signals.ts';

/** Runs the command and exits the process. Nothing else in urlmill touches the process. */
export async function command(argv: readonly string[]): Promise<void> {
  // If standard error cannot be written, only the exit code can tell.
  process.stderr.on('error', () => {});
  process.stdout.on('error', () => {});
  const code = await runCommand(argv).catch((error: unknown) => {
    report(error);
    return exitCodeOf(error);
  });
  // All rows are written by now. Timers and the like that a module left must not keep the process alive.
  process.exitCode = code;
  process.stderr.write('', () => process.exit(code));
}

async function runCommand(argv: readonly string[]): Promise<number> {
  const sub = subCommandOf(argv);
  return sub === null ? runMain(argv) : runSub(sub, argv.slice(1));
}

async function runMain(argv: readonly string[]): Promise<number> {
  const said = parseArguments(argv);
  if (said.help) return answer(helpText(mainLine, commands));
  if (said.version) return answer(`${version}\n`);
  const options = optionsSaid(said);
  if (said.operands.length === 0 && options.retryFailed === undefined && process.stdin.isTTY) {
    throw new UsageError(
      `${usageLine(mainLine)}; no FILE is named, and standard input is a terminal (--help tells more)`,
    );
  }
  refuseTwoReaders(options, said);
  return fetchAll(options, said.operands);
}

async function runSub(sub: SubCommand, argv: readonly string[]): Promise<number> {
  const surroundings: Surroundings = {
    print,
    standardOutput: async () => {
      const { standardOutput } = await import('../write/output.ts');
      return standardOutput(process.stdout, plainDescriptor(1));
    },
    tell,
    printError: (text) => void process.stderr.write(text),
    standardInput: process.stdin,
  };
  return (await sub.start(argv, surroundings)) ?? answer(helpText(sub));
}

function optionsSaid({ layer, config }: Arguments): Options {
  const file = config ?? process.env['URLMILL_CONFIG'];
  const layers = [layer, environmentLayer(process.env)];
  return resolveOptions(file === undefined ? layers : [...layers, configFileLayer(file)]);
}

/** @throws UsageError when both the list and an option are read from standard input */
function refuseTwoReaders(options: Options, { operands, config }: Arguments): void {
  const list = operands.length === 0 ? (options.retryFailed ?? '-') : operands.find((file) => file === '-');
  const flag =
    (config ?? process.env['URLMILL_CONFIG']) === '-' ? '--config' : readFromStandardInput(options);
  if (list !== '-' || flag === null) return;
  throw new UsageError(`${flag} and the list are both read from standard input; name a file for one of them`);
}

async function fetchAll(options: Options, files: readonly string[]): Promise<number> {
  const { JobClass, fileSource, streamSource, standardOutput } = await loaded();
  if (options.retryFailed !== undefined && files.length > 0) {
    throw new UsageError(
      `--retry-failed: its FILE is the only input; ${files.join(', ')} cannot be read too`,
    );
  }
  const names = files.length === 0 ? [options.retryFailed ?? '-'] : files;
  const named = async (name: string): Promise<Source> =>
    name === '-' ? streamSource(process.stdin, 'standard input') : fileSource(name);
  const sources = await Promise.all(names.map(named));
  let progress: Progress | null = null;
  // The live line is on the terminal that all others write to.
  const aboveLine = (write: () => void): void => (progress === null ? write() : progress.above(write));
  const job = await JobClass.open(options, sources, {
    withoutFile: () =>
      standardOutput(process.stdout, plainDescriptor(1), process.stdout.isTTY ? aboveLine : undefined),
    environment: process.env,
    onNotice: (text) => {
      if (!options.quiet) aboveLine(() => tell(text));
    },
    // Standard output carries rows and nothing else.
    onPrint: (text) => aboveLine(() => process.stderr.write(text)),
  });
  if (options.insecure && !options.quiet) tell('warning: TLS certificates are not verified (--insecure)');
  const line = startProgress(options, job);
  progress = line;
  const signals = new Signals({ stop: () => job.stop('signal'), report: () => line.report() });
  try {
    const summary = await job.finish();
    line.stop();
    // An incomplete output is reported even with --quiet.
    if (!options.quiet || summary.stoppedBy !== null) tell(closingLine(summary, job));
    if (summary.stoppedBy !== null) return signals.code ?? exitCodes.limited.code;
    return failuresCode(summary, options);
  } catch (error) {
    // Ctrl-C also ends the reader of the pipe, maybe before the last rows.
    if (error instanceof PipeClosedError && signals.code !== null) return signals.code;
    throw error;
  } finally {
    line.stop();
    signals.dispose();
  }
}

/**
 * Loads the code of a job, which --help and usage errors do not need. One stage after the other, as Node opens all files of
 * an import at once, which a low limit of open files may not allow.
 */
async function loaded() {
  const { fileSource, streamSource } = await import('../read/source.ts');
  await import('../read/rows.ts');
  const { standardOutput } = await import('../write/output.ts');
  await import('../write/write-results.ts');
  await import('../fetch/http/engine.ts');
  await import('../fetch/schedule/scheduler.ts');
  await import('../fetch/fetch-urls.ts');
  const { Job: JobClass } = await import('../job/job.ts');
  return { JobClass, fileSource, streamSource, standardOutput };
}

function failuresCode({ rows, failed }: Summary, { failOn = 100 }: Options): number {
  if (failed * 100 <= failOn * rows) return exitCodes.done.code;
  const share = ((failed / rows) * 100).toPrecision(3);
  tell(
    `${grouped(failed)} of ${grouped(rows)} rows have failed: ${share} %, more than --fail-on ${failOn} allows`,
  );
  return exitCodes.failures.code;
}

/** The descriptor of a file or device, which is written directly: Node's stream for it blocks, and can lose data. */
function plainDescriptor(descriptor: number): number | null {
  const stat = fstatSync(descriptor);
  return stat.isFile() || (stat.isCharacterDevice() && !process.stdout.isTTY) ? descriptor : null;
}

function startProgress({ quiet, progress }: Options, job: Job): Progress {
  const { stderr } = process;
  const shown = stderr.isTTY || progress === 'always' ? 'live' : 'plain';
  return new Progress(job, {
    write: (text) => stderr.write(text),
    style: quiet || progress === 'never' ? 'asked' : shown,
    width: () => stderr.columns || 80,
  });
}

async function answer(text: string): Promise<number> {
  await print(text);
  return exitCodes.done.code;
}

/** Writes to standard output. Whoever has closed it wants no more of it. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.on('error', () => resolve()).write(text, () => resolve());
  });
}

function report(error: unknown): void {
  if (error instanceof PipeClosedError) return;
  if (error instanceof RunError) return tell(error.message);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of ['a bug in urlmill; please report it:', ...stack.split('\n')]) tell(line);
}

function tell(text: string): void {
  process.stderr.write(`urlmill: ${printable(withoutCredentials(text), 1000)}\n`);
}
