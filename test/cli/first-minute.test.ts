import test from 'ava';

import { helpText, plainPage } from '../../src/cli/help.ts';
import { mainLine } from '../../src/cli/command-line.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('a URL on the command line is fetched, and several are', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url));
  const cwd = await temporaryFolder(t);
  const urls = [`${server.url}/a;b,c?d="e"`, `${server.url.replace('http', 'HTTP')}/#part`];
  const { code, stdout } = await urlmill(['--ordered', '--columns', 'status,bytes', ...urls], { cwd });
  t.is(code, 0);
  t.deepEqual(csvObjects(stdout), [
    { url: urls[0] ?? '', fetch_status: '200', fetch_bytes: '16' },
    { url: urls[1] ?? '', fetch_status: '200', fetch_bytes: '1' },
  ]);
});

test('URLs and files are not taken together', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\nhttp://127.0.0.1:1/\n' });
  const { code, stderr } = await urlmill(['http://127.0.0.1:1/', 'in.csv'], { cwd });
  t.is(code, 2);
  t.is(stderr, 'urlmill: in.csv: a FILE and URLs cannot both be given; put the URLs into a list\n');
});

test('a file whose name is like a URL can be read by its path', async (t) => {
  const cwd = await temporaryFolder(t, { 'http:/a': 'url\nnope://a\n' });
  const { code, stdout } = await urlmill(['-q', '--columns', 'error', './http:/a'], { cwd });
  t.is(code, 0);
  t.is(stdout, 'url,fetch_error\nnope://a,unsupported-scheme\n');
});

test('help tells all, or of one command or group', async (t) => {
  const cwd = await temporaryFolder(t);
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await urlmill(args, { cwd });
    t.is(code, 0);
    t.is(stderr, '');
    return stdout;
  };
  const all = await said('--help');
  t.is(await said('help'), all);
  t.is(await said('list.csv', '--help'), all);
  const output = await said('help', 'output');
  t.regex(output, /^Output:\n {2}-o, --output FILE/);
  t.notRegex(output, /^\w[\w ]*:(?=\n)(?<!^Output:)/m);
  t.is(await said('--help', 'Output'), output);
  t.true(all.includes(output));
  t.is(await said('help', 'diff'), await said('diff', '--help'));
});

test('help about nothing that there is', async (t) => {
  const { code, stdout, stderr } = await urlmill(['help', 'outptu'], { cwd: await temporaryFolder(t) });
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(
    stderr,
    /^urlmill: help: there is nothing about "outptu"; there are input, .*; did you mean "output"\?\n$/,
  );
});

test('help is as wide as the page, within limits', (t) => {
  for (const width of [20, 60, 80, 100, 300]) {
    const lines = helpText(mainLine, {}, { ...plainPage, width }).split('\n');
    const longest = Math.max(...lines.map((line) => line.length));
    // A long word is not split, so a line may be wider than a narrow page.
    t.true(longest <= Math.max(60, Math.min(width, 110)), `${longest} of ${width}`);
    t.true(longest > Math.min(width, 110) - 12, `${longest} of ${width}`);
  }
});

test('headings and names stand out where that is asked for, and nothing else differs', (t) => {
  const styled = helpText(mainLine, {}, { ...plainPage, isStyled: true });
  const [on, off] = ['\u001b[1m', '\u001b[22m'];
  for (const text of ['Input', '-o, --output FILE']) t.true(styled.includes(on + text + off), text);
  t.is(styled.replaceAll(on, '').replaceAll(off, ''), helpText(mainLine, {}, plainPage));
});
