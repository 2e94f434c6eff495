import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { commandFile } from './helpers/cli.ts';
import { endOf, runningUrlmill } from './helpers/running.ts';
import { httpServer } from './helpers/server.ts';
import { shell } from './helpers/shell.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, rowsOf, stoppableServer } from './cli/stopped-runs.ts';

const recipes = fileURLToPath(new URL('../../docs/recipes.md', import.meta.url));

/** A section's code blocks in one language. */
async function blocks(section: string, language: string): Promise<string[]> {
  const [, text = ''] = (await readFile(recipes, 'utf8')).split(`## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

/** A folder with bin/urlmill, which is found by its name. */
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

test('three nights: mail of what has changed, and of nothing else', async (t) => {
  /** Titles of pages by path; a page with an empty one is missing. */
  const pages = new Map(['a', 'b', 'c', 'd'].map((path) => [`/${path}`, path.toUpperCase()]));
  const notSent: string[] = [];
  const server = await httpServer(t, ({ url, headers }, response) => {
    const title = pages.get(url) ?? '';
    const etag = `"${title}"`;
    if (title === '') response.writeHead(404).end();
    else if (headers['if-none-match'] === etag) {
      notSent.push(url);
      response.writeHead(304, { etag }).end();
    } else {
      response.writeHead(200, { 'content-type': 'text/html', etag }).end(`<title>${title}</title>`);
    }
  });
  const rows = (...paths: string[]): string =>
    `id,url\n${paths.map((path) => `${path},${server.url}/${path}\n`).join('')}`;
  const mail = '#!/bin/sh\ncat > mail.txt\necho "$@" > mail.args\n';
  const settings = await withCommand(t, { 'list.csv': rows('a', 'b', 'c'), 'bin/mail': mail });
  const { cwd } = settings;
  await chmod(join(cwd, 'bin/mail'), 0o755);
  const [script = ''] = await blocks('Night after night, with mail only when something changed', 'sh');
  const night = async (): Promise<string> => {
    await rm(join(cwd, 'mail.txt'), { force: true });
    t.like(await shell(script.replace('/srv/links', cwd), [], settings), { code: 0, stdout: '', stderr: '' });
    return readFile(join(cwd, 'mail.txt'), 'utf8').catch(() => '');
  };
  const changes = async (): Promise<string[]> => rowsOf(cwd, 'links.csv', 'fetch_change');

  t.is(await night(), '');
  t.deepEqual((await changes()).toSorted(), ['a new', 'b new', 'c new']);

  t.is(await night(), '');
  t.deepEqual((await changes()).toSorted(), ['a same', 'b same', 'c same']);
  t.deepEqual(notSent.toSorted(), ['/a', '/b', '/c']);

  pages.set('/a', 'News').set('/b', '');
  await writeFile(join(cwd, 'list.csv'), rows('a', 'b', 'd'));
  const [header, ...lines] = (await night()).trimEnd().split('\n');
  t.is(
    header,
    'change,id,url,fetch_status_before,fetch_status_after,fetch_error_before,fetch_error_after,fetch_title_before,fetch_title_after',
  );
  t.deepEqual(lines.toSorted(), [
    `changed,a,${server.url}/a,200,200,,,A,News`,
    `failed,b,${server.url}/b,200,404,,,B,`,
    `gone,c,${server.url}/c,200,,,,C,`,
    `new,d,${server.url}/d,,200,,,,D`,
  ]);
  t.is(await readFile(join(cwd, 'mail.args'), 'utf8'), '-s links: what has changed team@example.org\n');
  t.deepEqual((await changes()).toSorted(), ['a changed', 'b failed', 'd new']);
  t.regex(await readFile(join(cwd, 'report.html'), 'utf8'), /^<!doctype html>/i);

  pages.set('/b', 'B');
  t.regex(await night(), /\nrecovered,b,/);
});
