import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { commandFile } from '../helpers/cli.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('what the sources start as threads stands beside the bundled command', (t) => {
  const started = [...sources().matchAll(/new URL\('\.\/([\w-]+\.js)', import\.meta\.url\)/g)];
  t.true(started.length > 0);
  for (const [, file = ''] of started) t.true(existsSync(`${root}dist/command/${file}`), file);
});

test('the command loads its libraries from its bundle, not from node_modules', (t) => {
  // Node calls Module._load with the name of each CommonJS file that is loaded.
  const loads = `
    const { Module } = process.getBuiltinModule('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (!name.startsWith('node:') && !Module.isBuiltin(name)) console.log(name);
      return load(name, ...rest);
    };`;
  const loader = `data:text/javascript,${encodeURIComponent(loads)}`;
  const told = execFileSync(process.execPath, ['--import', loader, commandFile, '-q', '-u', 'url', '-'], {
    input: 'url\nno-url\n',
    encoding: 'utf8',
  });
  t.regex(told, /urlmill\/package\.json/);
  t.notRegex(told, /node_modules/);
  t.regex(told, /no-url,,invalid-url/);
});

function sources(): string {
  const files = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(`${root}src/${file}`, 'utf8'))
    .join('\n');
}
