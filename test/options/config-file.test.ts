import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { UsageError } from '../../src/shared/errors.ts';
import { ConfigFile } from '../../src/options/config-file.ts';
import { resolveOptions } from '../../src/options/resolve.ts';

async function written(t: ExecutionContext, content: string): Promise<string> {
  return join(await temporaryFolder(t, { 'job.json': content }), 'job.json');
}

const says = test.macro(async (t, content: string, expected: object) => {
  t.like(resolveOptions([new ConfigFile(await written(t, content)).layer()]), expected);
});

test('options are in camelCase', says, '{"perHost": 3, "maxBody": "1MB"}', {
  perHost: 3,
  maxBody: 1_000_000,
});
test('options are as on the command line', says, '{"per-host": 3, "no-header": true}', {
  perHost: 3,
  noHeader: true,
});
test('numbers may be text', says, '{"concurrency": "50", "timeout": "1m"}', {
  concurrency: 50,
  timeout: 60_000,
});
test('lists are lists', says, '{"header": ["A: 1", "B: 2"], "connect-to": ["::a:1"]}', {
  header: ['A: 1', 'B: 2'],
  connectTo: ['::a:1'],
});
test('a list of one may be text', says, '{"header": "A: 1"}', { header: ['A: 1'] });
test('a column number may be a number', says, '{"urlColumn": 2}', { urlColumn: '2' });
test('an empty object says nothing', says, '{}', { concurrency: 100 });

const refuses = test.macro(async (t, content: string, reason: string) => {
  const path = await written(t, content);
  t.throws(() => resolveOptions([new ConfigFile(path).layer()]), {
    instanceOf: UsageError,
    message: reason.replaceAll('PATH', path),
  });
});

test(
  'what is no option is told',
  refuses,
  '{"retry": 3}',
  'PATH: retry: there is no such option; did you mean retryStatus or retryFailed?',
);
test(
  'it is told as it is written',
  refuses,
  '{"host-speed": 3}',
  'PATH: host-speed: there is no such option',
);
test('__proto__ is no option', refuses, '{"__proto__": 3}', 'PATH: __proto__: there is no such option');
test('the letter of an option is none', refuses, '{"c": 3}', 'PATH: c: there is no such option');
test(
  'dashes before an option are wrong',
  refuses,
  '{"--quiet": true}',
  'PATH: --quiet: there is no such option; did you mean quiet?',
);
test(
  'a wrong value is told with its option',
  refuses,
  '{"perHost": 0}',
  'PATH: perHost: a whole number of at least 1 is needed, got 0',
);
test(
  'the option is named as it is written',
  refuses,
  '{"per-host": 0}',
  'PATH: per-host: a whole number of at least 1 is needed, got 0',
);
test('null is a wrong value', refuses, '{"quiet": null}', 'PATH: quiet: true or false is needed, got null');
test('an array is no config', refuses, '[]', '--config: PATH: an object of options is needed');
test('null is no config', refuses, 'null', '--config: PATH: an object of options is needed');
test('a number is no config', refuses, '3', '--config: PATH: an object of options is needed');
test('text is no config', refuses, '"quiet"', '--config: PATH: an object of options is needed');

const noJson = test.macro(async (t, content: string) => {
  const path = await written(t, content);
  const error = t.throws(() => new ConfigFile(path).layer(), { instanceOf: UsageError });
  t.true(error.message.startsWith(`--config: ${path} is not JSON`), error.message);
});

test('nothing is not JSON', noJson, '');
test('an object that breaks off is not JSON', noJson, '{"quiet": true');
test('comments are not JSON', noJson, '{} // none');

const cannot = test.macro(async (t, name: string, reason: string) => {
  const path = join(await temporaryFolder(t, { 'job.json': '{}' }), name);
  t.throws(() => new ConfigFile(path).layer(), {
    instanceOf: UsageError,
    message: `--config: ${path} cannot be read: ${reason}`,
  });
});

test('a missing file is told', cannot, 'none.json', 'ENOENT: no such file or directory');
test('a directory is told', cannot, '.', 'EISDIR: illegal operation on a directory');
test('a path through a file is told', cannot, 'job.json/x', 'ENOTDIR: not a directory');
