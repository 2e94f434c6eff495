import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { commandFile } from './helpers/cli.ts';
import { endOf, runningUrlmill } from './helpers/running.ts';
import { shell } from './helpers/shell.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, rowsOf, stoppableServer } from './cli/stopped-runs.ts';

const recipes = fileURLToPath(new URL('../../docs/recipes.md', import.meta.url));

/** The code blocks of a section in one language. */
async function blocks(section: string, language: string): Promise<string[]> {
  const [, text = ''] = (await readFile(recipes, 'utf8')).split(`## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

/** A folder in which the command is found by its name. */
async function withCommand(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): Promise<{ cwd: string; environment: Record<string, string> }> {
  const script = `#!/bin/sh\nexec '${process.execPath}' '${commandFile}' "$@"\n`;
  const cwd = await temporaryFolder(t, { ...files, 'bin/urlmill': script });
  await chmod(join(cwd, 'bin/urlmill'), 0o755);
  return { cwd, environment: { PATH: `${join(cwd, 'bin')}:/usr/bin:/bin`, URLMILL_GRACE: '1ms' } };
}

test('the crontab: every night a new file, and a reboot in the middle costs nothing', async (t) => {
  const server = await stoppableServer(t, (_, response) => response.end('ok'));
  const settings = await withCommand(t, { 'list.csv': list(server.url, 3) });
  const { cwd } = settings;
  const [crontab = ''] = await blocks('Every night from cron', 'cron');
  const command = (when: string): string => {
    const line = crontab.split('\n').find((text) => text.startsWith(when)) ?? '';
    return line.slice(when.length).trim().replace('/srv/links', cwd);
  };
  const [night, reboot] = [command('15 3 * * *'), command('@reboot')];
  t.like(await shell(night, [], settings), { code: 0, stdout: '', stderr: '' });
  t.deepEqual(await rowsOf(cwd, 'links.csv', 'fetch_status'), ['1 200', '2 200', '3 200']);
  t.like(await shell(reboot, [], settings), { code: 0, stdout: '', stderr: '' });
  t.is(server.requests.length, 3);

  const second = await stoppableServer(t, onlyTo('/1', '/2'));
  await writeFile(join(cwd, 'list.csv'), list(second.url, 5));
  const [, words = ''] = night.split('urlmill ');
  const child = runningUrlmill(t, words.split(' '), settings);
  const ended = endOf(child);
  await second.requested(5);
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  t.is((await rowsOf(cwd, 'links.csv')).length, 3);
  second.heal();
  t.like(await shell(reboot, [], settings), { code: 0, stdout: '', stderr: '' });
  t.is((await rowsOf(cwd, 'links.csv')).length, 5);
  t.is(second.requests.length, 5 + 3);
  t.deepEqual(await leftovers(cwd), []);
});

test('a crontab line whose folder is gone runs nothing elsewhere', async (t) => {
  const settings = await withCommand(t, { 'list.csv': 'url\n', 'links.csv.journal': '' });
  const [crontab = ''] = await blocks('Every night from cron', 'cron');
  const commands = [...crontab.matchAll(/\bcd \/srv\/links .*/g)].map(([text]) =>
    text.replace('/srv/links', join(settings.cwd, 'gone')),
  );
  t.is(commands.length, 2);
  for (const command of commands) t.regex((await shell(command, [], settings)).stderr, /cd: /);
  t.deepEqual(await leftovers(settings.cwd), ['links.csv.journal']);
});

test('a run in pieces ends with the whole file', async (t) => {
  const server = await stoppableServer(t, (_, response) => response.end('ok'));
  const settings = await withCommand(t, { 'urls.csv': list(server.url, 15) });
  const code = (await blocks('When a run was cut short', 'sh')).at(-1) ?? '';
  const hurried = code.replaceAll('--time-limit 1h', '--time-limit 1s').replace('sleep 600', 'sleep 0');
  const environment = { ...settings.environment, URLMILL_HOST_RATE: '10/s' };
  const { stderr, ...ended } = await shell(hurried, [], { ...settings, environment });
  t.like(ended, { code: 0, stdout: '' });
  t.regex(stderr, /^urlmill: stopped early by --time-limit/);
  t.is((await rowsOf(settings.cwd, 'results.csv')).length, 15);
  t.is(new Set(server.requests.map(({ url }) => url)).size, 15);
  t.deepEqual(await leftovers(settings.cwd), []);
});

test('--resume from the beginning does no harm', async (t) => {
  const server = await stoppableServer(t, (_, response) => response.end('ok'));
  const settings = await withCommand(t, { 'urls.csv': list(server.url, 2) });
  const [code = ''] = await blocks('When a run was cut short', 'sh');
  t.like(await shell(code, [], settings), { code: 0, stdout: '' });
  t.deepEqual(await rowsOf(settings.cwd, 'results.csv'), ['1', '2']);
});

test('what is different today: it is printed only if there is something', async (t) => {
  const [, command = ''] = await blocks('What is different today', 'sh');
  const [before, after] = ['url,fetch_status\na.org,200\n', 'url,fetch_status\na.org,404\n'];
  const settings = await withCommand(t, { 'yesterday.csv': before, 'today.csv': before });
  t.like(await shell(command.trim(), [], settings), { code: 0, stdout: '', stderr: '' });
  await writeFile(join(settings.cwd, 'today.csv'), after);
  t.like(await shell(command.trim(), [], settings), {
    code: 0,
    stdout: 'change,url,fetch_status_before,fetch_status_after\nfailed,a.org,200,404\n',
    stderr: 'urlmill: 1 of 1 rows differ: 100 %, more than --fail-on 0 allows\n',
  });
});
