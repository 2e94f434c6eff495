import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cleanEnvironment } from './children.ts';
import { fromRoot, python } from './project.ts';

const execute = promisify(execFile);

/**
 * The command that prints each tool's version. wrk exits with 1 after printing it; nginx prints it on
 * standard error.
 */
const questions = {
  nginx: ['nginx', '-v'],
  taskset: ['taskset', '--version'],
  curl: ['curl', '--version'],
  wrk: ['wrk', '-v'],
  openssl: ['openssl', 'version'],
  python: [python, '--version'],
  aiohttp: [python, '-c', 'import aiohttp; print(aiohttp.__version__)'],
  scrapy: [python, '-c', 'import scrapy; print(scrapy.__version__)'],
  wget2: ['wget2', '--version'],
  pycurl: [python, '-c', 'import pycurl; print(pycurl.version)'],
  go: ['go', 'version'],
  'openjdk-17-doc': ['dpkg-query', '--show', '--showformat', '${Version}', 'openjdk-17-doc'],
} as const;

const packages = ['undici', 'htmlparser2', 'cheerio'] as const;

export type Tool = keyof typeof questions | (typeof packages)[number];

export const aptLine =
  'apt-get update && apt-get install -y --no-install-recommends nginx wrk curl wget2 openssl python3-aiohttp python3-pycurl python3-scrapy openjdk-17-doc';

/**
 * Contestants that are left out if not installed: Debian's packages of them are older than what people use.
 */
const optional: ReadonlySet<Tool> = new Set(['go']);

/**
 * The versions of the tools by name.
 *
 * @throws Error if a tool that is not optional is missing, because a contest without it proves nothing
 */
export async function versionsOf(tools: readonly Tool[]): Promise<Map<Tool, string>> {
  const versions = await Promise.all(tools.map(async (tool) => [tool, await versionOf(tool)] as const));
  const missing = versions.filter(([, version]) => version === undefined).map(([tool]) => tool);
  const needed = missing.filter((tool) => !optional.has(tool));
  if (needed.length > 0) throw new Error(`not found: ${needed.join(', ')}; install with\n  ${aptLine}`);
  return new Map(versions.map(([tool, version]) => [tool, version ?? 'not there']));
}

async function versionOf(tool: Tool): Promise<string | undefined> {
  if (isPackage(tool)) return packageVersion(`node_modules/${tool}/package.json`);
  const [file, ...args] = questions[tool];
  const { stdout, stderr } = await execute(file, args, { env: cleanEnvironment() }).catch(
    (error: { stdout?: string; stderr?: string }) => ({ stdout: error.stdout, stderr: error.stderr }),
  );
  const [first = ''] = `${stdout ?? ''}${stderr ?? ''}`.split('\n');
  return /\d+\.\d[\w.+~-]*/.exec(first)?.[0];
}

const isPackage = (tool: Tool): tool is (typeof packages)[number] => packages.some((name) => name === tool);

export async function packageVersion(path: string): Promise<string> {
  const manifest: { version: string } = JSON.parse(await readFile(fromRoot(path), 'utf8'));
  return manifest.version;
}

export async function nodeVersion(node: string): Promise<string> {
  const { stdout } = await execute(node, ['--version']);
  return stdout.trim().replace('v', '');
}

export async function describeMachine(): Promise<string> {
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(system)?.[1] ?? process.platform;
  const cores = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const model = cores[0]?.model.trim() ?? 'unknown CPU';
  return `${model}, ${cores.length} cores${await describeCache()}, ${memory} GiB, ${name}, kernel ${release()}`;
}

/** The size of the first core's last-level cache, from Linux: `, 8192K of cache`. */
async function describeCache(): Promise<string> {
  const folder = '/sys/devices/system/cpu/cpu0/cache';
  const entries = await readdir(folder).catch(() => []);
  const last = entries
    .filter((entry) => entry.startsWith('index'))
    .toSorted()
    .at(-1);
  const size = await readFile(`${folder}/${last}/size`, 'utf8').catch(() => '');
  return size === '' ? '' : `, ${size.trim()} of cache`;
}
