import { fstatSync } from 'node:fs';

import { PipeClosedError, RunError, UsageError } from '../shared/errors.ts';
import { unwritable } from '../shared/files.ts';
import { ConfigFile } from '../options/config-file.ts';
import { readFromStandardInput } from '../options/option-file.ts';
import { environmentLayer, resolveOptions } from '../options/resolve.ts';
import type { Options } from '../options/table.ts';
import type { Job } from '../job/job.ts';
import type { JobSurroundings } from '../job/surroundings.ts';
import type { Source } from '../read/source.ts';
import { version } from '../shared/version.ts';
import { closingLine } from '../watch/closing-line.ts';
import { Log } from '../watch/log.ts';
import { grouped } from '../watch/progress.ts';
import type { Summary } from '../watch/summary.ts';
import { parseArguments } from './arguments.ts';
import { mainLine, usageLine } from './command-line.ts';
import type { Surroundings } from './call.ts';
import { commands, refuseMistyped, subCommandOf } from './commands.ts';
import type { SubCommand } from './commands.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { helpText, plainPage, topicText } from './help.ts';
import type { Page } from './help.ts';
import { refuseTwice } from './named-files.ts';
import { isUrl, urlSource } from './named-urls.ts';
import { lastSaid } from './last-said.ts';
import { logFormatOf } from './log-format.ts';
import { closingFigures, startProgress, tellSummary } from './telling.ts';
import { Signals } from './signals.ts';
import { takeStandardError, tellBug } from './standard-error.ts';

/** Runs the command and exits the process. Nothing else in urlmill touches the process. */
export async function command(argv: readonly string[]): Promise<void> {
  const { stderr } = process;
  // If standard error cannot be written, only the exit code can tell.
  stderr.on('error', () => {});
  process.stdout.on('error', () => {});
  const write = stderr.write.bind(stderr);
  const configPath = lastSaid(argv, 'config') ?? process.env['URLMILL_CONFIG'];
  const config = configPath === undefined ? null : new ConfigFile(configPath);
  const log = new Log(write, () => logFormatOf(argv, process.env, config));
  const sub = subCommandOf(argv);
  const running = sub === null ? runMain(argv, config, log) : runSub(sub, argv.slice(1), log);
  const code = await running.catch((error: unknown) => {
    report(error, log);
    return exitCodeOf(error);
  });
  log.end();
  // All rows are written by now. Timers and the like that a module left must not keep the process alive.
  process.exitCode = code;
  write('', () => process.exit(code));
}

async function runMain(argv: readonly string[], config: ConfigFile | null, log: Log): Promise<number> {
  const said = parseArguments(argv);
  if (said.help) return answer(helpFor(said.operands));
  if (said.version) return answer(`${version}\n`);
  if (log.format === 'json') takeStandardError(log);
  const layers = [said.layer, environmentLayer(process.env)];
  const options = resolveOptions(config === null ? layers : [...layers, config.layer()]);
  if (said.operands.length === 0 && options.retryFailed === undefined && process.stdin.isTTY) {
    throw new UsageError(
      `${usageLine(mainLine)}; no FILE is named, and standard input is a terminal (--help tells more)`,
    );
  }
  refuseMistyped(said.operands);
  refuseTwoReaders(options, said.operands, config);
  return fetchAll(options, said.operands, log);
}

/** `--help output` shows one group; with any other word, such as a FILE, --help shows everything. */
function helpFor([topic = '']: readonly string[]): string {
  const page = pageOf(process.stdout);
  return topicText(topic, mainLine, commands, page) ?? helpText(mainLine, commands, page);
}

/** @see https://no-color.org */
function pageOf({ isTTY, columns }: typeof process.stdout): Page {
  const { NO_COLOR = '', TERM = '' } = process.env;
  if (!isTTY) return plainPage;
  return { width: columns || plainPage.width, isStyled: NO_COLOR === '' && TERM !== 'dumb' };
}

async function runSub(sub: SubCommand, argv: readonly string[], log: Log): Promise<number> {
  if (log.format === 'json') takeStandardError(log);
  const surroundings: Surroundings = {
    log,
    print,
    standardOutput: async () => {
      const { standardOutput } = await import('../write/output.ts');
      return standardOutput(process.stdout, plainDescriptor(1));
    },
    tell: (text) => log.tell('notice', text),
    printError: (text) => void process.stderr.write(text),
    standardInput: process.stdin,
    page: pageOf(process.stdout),
    environment: process.env,
  };
  return (await sub.start(argv, surroundings)) ?? answer(helpText(sub, {}, pageOf(process.stdout)));
}

/** For URLs of the command line: drops the options that say how files are decoded and split, which do not apply to them. */
function asUrls(options: Options): Options {
  const none = { encoding: undefined, comment: undefined, quote: undefined, escape: undefined, skipLines: 0 };
  return { ...options, ...none, inputFormat: 'lines' };
}

/** @throws UsageError when standard input is to be read twice: by the list and an option, or as two files */
function refuseTwoReaders(options: Options, files: readonly string[], config: ConfigFile | null): void {
  refuseTwice(files);
  const list = files.length === 0 ? (options.retryFailed ?? '-') : files.find((file) => file === '-');
  const flag = config?.path === '-' ? '--config' : readFromStandardInput(options);
  if (list !== '-' || flag === null) return;
  throw new UsageError(`${flag} and the list are both read from standard input; name a file for one of them`);
}

async function fetchAll(said: Options, files: readonly string[], log: Log): Promise<number> {
  const options = files.some(isUrl) ? asUrls(said) : said;
  // Loaded only now, as --help and usage errors do not need this code.
  const loaded = await import('./job-code.ts');
  const { Job: JobClass, fileSource, streamSource, standardOutput, tellingFailure } = loaded;
  if (options.retryFailed !== undefined && files.length > 0) {
    throw new UsageError(
      `--retry-failed: its FILE is the only input; ${files.join(', ')} cannot be read too`,
    );
  }
  const names = files.length === 0 ? [options.retryFailed ?? '-'] : files;
  const urls = names.filter(isUrl);
  if (urls.length > 0 && urls.length < names.length) {
    const file = names.find((name) => !isUrl(name));
    throw new UsageError(`${file}: a FILE and URLs cannot both be given; put the URLs into a list`);
  }
  const named = async (name: string): Promise<Source> =>
    name === '-' ? streamSource(process.stdin, 'standard input') : fileSource(name);
  // Rows may be written to the terminal that shows the live progress line.
  const aboveLine = process.stdout.isTTY ? (write: () => void) => log.above(write) : undefined;
  const surroundings: JobSurroundings = {
    withoutFile: () => standardOutput(process.stdout, plainDescriptor(1), aboveLine),
    environment: process.env,
    onNotice: (text) => {
      if (!options.quiet) log.tell('notice', text);
    },
    // Standard output carries rows and nothing else.
    onPrint: (text, stream) => log.print('module-print', text, stream),
    onSummary: (summary) => tellSummary(summary, log),
  };
  const job = await tellingFailure(options.metrics, async () => {
    const sources = urls.length > 0 ? [urlSource(urls)] : await Promise.all(names.map(named));
    return JobClass.open(options, sources, surroundings);
  });
  if (options.insecure && !options.quiet) {
    log.tell('insecure', 'warning: TLS certificates are not verified (--insecure)');
  }
  const line = startProgress(options, job, log);
  const signals = new Signals({
    stop: () => job.stop('signal'),
    report: () => line.report(),
    abandon: (exitCode) => tellAbandoned(job, exitCode, log),
  });
  try {
    const summary = await job.finish();
    line.stop();
    // An incomplete output is reported even with --quiet.
    if (!options.quiet || summary.stoppedBy !== null) tellClosing(summary, job, log);
    if (summary.stoppedBy !== null) return signals.code ?? exitCodes.limited.code;
    return failuresCode(summary, options, log);
  } catch (error) {
    // Ctrl-C also ends the reader of the pipe, maybe before the last rows.
    if (error instanceof PipeClosedError && signals.code !== null) return signals.code;
    throw error;
  } finally {
    line.stop();
    signals.dispose();
  }
}

function tellClosing(summary: Summary, job: Job, log: Log): void {
  const { leftIn, canResume } = job;
  log.tell('closing', closingLine(summary, job), { ...closingFigures(summary), leftIn, canResume });
}

/** Reports that the process ends at once, without waiting for requests in flight. */
function tellAbandoned({ canResume }: Job, exitCode: number, log: Log): void {
  const next = canResume ? 'go on with --resume' : 'what is written is not complete';
  log.tell('error', `ended at once by a second signal; ${next}`, { exitCode });
}

function failuresCode({ rows, failed }: Summary, { failOn = 100 }: Options, log: Log): number {
  if (failed * 100 <= failOn * rows) return exitCodes.done.code;
  const percent = ((failed / rows) * 100).toPrecision(3);
  log.tell(
    'failures',
    `${grouped(failed)} of ${grouped(rows)} rows have failed: ${percent} %, more than --fail-on ${failOn} allows`,
    { rows, failed, percent: Number(percent), exitCode: exitCodes.failures.code },
  );
  return exitCodes.failures.code;
}

/**
 * The descriptor if it is a file or a device other than a terminal, else null. Such descriptors are written directly,
 * because Node's stream for them blocks and can lose data.
 */
function plainDescriptor(descriptor: number): number | null {
  const stat = fstatSync(descriptor);
  return stat.isFile() || (stat.isCharacterDevice() && !process.stdout.isTTY) ? descriptor : null;
}

/** Writes a text to be read by people. If its reader closes the pipe, nothing is missing that somebody wants. */
async function answer(text: string): Promise<number> {
  try {
    await print(text);
  } catch (error) {
    if (!(error instanceof PipeClosedError)) throw error;
  }
  return exitCodes.done.code;
}

/** Writes to standard output. @throws PipeClosedError, OutputError */
async function print(text: string): Promise<void> {
  const error = await new Promise<Error | null | undefined>((resolve) => {
    process.stdout.write(text, resolve);
  });
  if (error) throw unwritable('standard output', error);
}

function report(error: unknown, log: Log): void {
  if (error instanceof PipeClosedError) return;
  if (error instanceof RunError) log.tell('error', error.message, { exitCode: exitCodeOf(error) });
  else tellBug(error, log);
}
