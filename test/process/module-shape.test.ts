import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvRecords } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** An invalid module ends the run with code 2, before the first request. */
const refused = test.macro({
  exec: async (t, source: string | null, message: RegExp, args: readonly string[] = []) => {
    const server = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, {
      'in.csv': `id,url,fetch_m\n1,${server.url},x\n`,
      ...(source === null ? {} : { 'm.mjs': source }),
    });
    const { code, stdout, stderr } = await urlmill(['--module', 'm.mjs', ...args, 'in.csv'], { cwd });
    t.regex(stderr, message);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.is(stdout, '');
    t.is(server.requests.length, 0);
    t.is(code, 2);
  },
  title: (what) => `${what} is refused with code 2`,
});

const process = 'process: () => ({})';

test('a module that is not there', refused, null, /^urlmill: --module: m\.mjs: there is no such file\n$/);
test(
  'a module with a fault in it',
  refused,
  'export default {',
  /--module: m\.mjs cannot be loaded: SyntaxError: [^\n]+ \(m\.mjs:1\)\n/,
);
test(
  'a module that throws while it loads',
  refused,
  "throw new Error('early')",
  /cannot be loaded: Error: early \(m\.mjs:1:7\)\n/,
);
test(
  'a module whose function throws',
  refused,
  'export default () => {\n  undefined.x;\n};',
  /cannot be loaded: TypeError: [^\n]+ \(m\.mjs:2:13\)\n/,
);
test(
  'a module that imports a name that is not there',
  refused,
  "\nimport { none } from 'node:fs';",
  /cannot be loaded: SyntaxError: [^\n]+ \(m\.mjs:2\)\n/,
);
test('a module that throws no error', refused, 'throw null', /--module: m\.mjs cannot be loaded: null/);
test(
  'a module that imports what is not there',
  refused,
  "import './none.mjs';",
  /--module: m\.mjs cannot be loaded/,
);
test(
  'a module without a default export',
  refused,
  `export const columns = ['m'];`,
  /default export must be an obj/,
);
test(
  'a function as the default export that gives nothing',
  refused,
  'export default () => {};',
  /default export must be an object/,
);
test('null as the default export', refused, 'export default null;', /default export must be an object/);
test('no process', refused, `export default { columns: ['m'] };`, /process must be a function/);
test(
  'a process that is no function',
  refused,
  `export default { columns: ['m'], process: 1 };`,
  /must be a function/,
);
test('no columns', refused, `export default { ${process} };`, /columns must be a list of names/);
test(
  'an empty list of columns',
  refused,
  `export default { columns: [], ${process} };`,
  /must be a list of names/,
);
test(
  'a text for columns',
  refused,
  `export default { columns: 'm', ${process} };`,
  /must be a list of names/,
);
test('a column that is a number', refused, `export default { columns: [1], ${process} };`, /must be a name/);
test('a column without a name', refused, `export default { columns: [''], ${process} };`, /must be a name/);
test(
  'a column called __proto__',
  refused,
  `export default { columns: ['__proto__'], ${process} };`,
  /be a name/,
);
test(
  'a column twice',
  refused,
  `export default { columns: ['m', 'm'], ${process} };`,
  /columns names one twice/,
);
test(
  'a column that the input has',
  refused,
  `export default { columns: ['id'], ${process} };`,
  /the input already has a column "id"/,
);
test(
  'a column that the input has, with no prefix',
  refused,
  `export default { columns: ['id'], ${process} };`,
  /the input already has a column "id"/,
  ['--prefix', '', '--columns', 'status'],
);
test(
  'a column that is a result column',
  refused,
  `export default { columns: ['fetch_status'], ${process} };`,
  /the column "fetch_status" would be written twice/,
);
test(
  'a column that is an extracted one',
  refused,
  `export default { columns: ['fetch_title'], ${process} };`,
  /the column "fetch_title" would be written twice/,
  ['--extract', 'title'],
);

test('a column of the input with the prefix is from an earlier run, and replaced', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url,fetch_m\n1,${server.url},old\n`,
    'm.mjs': "export default { columns: ['fetch_m'], process: () => ({ fetch_m: 'new' }) };",
  });
  const { stdout } = await urlmill(['-q', '--columns', 'status', '--module', 'm.mjs', 'in.csv'], { cwd });
  t.deepEqual(csvRecords(stdout), [
    ['id', 'url', 'fetch_status', 'fetch_m'],
    ['1', server.url, '200', 'new'],
  ]);
});

test('a module is found from the folder where the command runs', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url\n1,${server.url}\n`,
    'a folder/ä#?.mjs': "export default { columns: ['m'], process: () => ({ m: 1 }) };",
  });
  const args = ['-q', '--columns', 'status', '--module', 'a folder/ä#?.mjs', 'in.csv'];
  const { stdout } = await urlmill(args, { cwd });
  t.is(csvRecords(stdout)[1]?.at(-1), '1');
});
