/**
 * The inner loop: linter and formatter for the changed files, and the tests that changed or import a changed
 * file. `npm run check` builds first, which checks the types. Git tells the changes since HEAD, or since the
 * commit given: `npm run check -- main`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const [base = 'HEAD'] = process.argv.slice(2);
const changed = [
  ...git('diff', '--name-only', '--diff-filter=d', base),
  ...git('ls-files', '--others', '--exclude-standard'),
].filter((file) => existsSync(file));

const code = changed.filter((file) => file.endsWith('.ts'));
const tests = git('ls-files', '--cached', '--others', '--exclude-standard', 'test').filter(
  (file) => file.endsWith('.test.ts') && (code.includes(file) || importsOf(file).some(isChanged)),
);

run('oxlint', '--deny-warnings', ...code);
run('prettier', '--check', '--ignore-unknown', ...changed);
run('ava', ...tests.map((file) => join('dist', file.replace(/\.ts$/, '.js'))));

function isChanged(file: string): boolean {
  return code.includes(file);
}

function importsOf(file: string): string[] {
  const found = readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g);
  return [...found].map(([, path = '']) => normalize(join(dirname(file), path)));
}

function git(...args: readonly string[]): string[] {
  return execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Runs a tool of node_modules on these files, if there are any, and exits with its code unless that is 0. */
function run(tool: string, ...args: readonly string[]): void {
  if (args.every((arg) => arg.startsWith('--'))) return;
  const { status } = spawnSync(join('node_modules/.bin', tool), args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
