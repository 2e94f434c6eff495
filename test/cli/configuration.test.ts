import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import type { ExecutionContext } from 'ava';

interface Sources {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly config?: unknown;
}

/** Runs on two rows with options from up to three sources; the config file is `job.json`. */
async function configured(
  t: ExecutionContext,
  { args = [], environment = {}, config = {} }: Sources,
): Promise<{ server: TestServer; stdout: string; stderr: string; code: number | null }> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url\n1,${server.url}/1\n2,${server.url}/2\n`,
    'job.json': typeof config === 'string' ? config : JSON.stringify(config),
  });
  const ended = await urlmill([...args, 'in.csv'], { cwd, environment });
  return { server, ...ended };
}

const useFile = ['--config', 'job.json'];

test('an option can stand in a config file', async (t) => {
  const { server, code } = await configured(t, { args: useFile, config: { userAgent: 'from the file' } });
  t.is(server.requests[0]?.headers['user-agent'], 'from the file');
  t.is(code, 0);
});

test('a config file may name options as the command line does', async (t) => {
  const { server } = await configured(t, { args: useFile, config: { 'user-agent': 'with a dash' } });
  t.is(server.requests[0]?.headers['user-agent'], 'with a dash');
});

test('a config file holds numbers, switches and lists as JSON', async (t) => {
  const config = { concurrency: 1, quiet: true, header: ['X-One: 1', 'X-Two: 2'], columns: 'status' };
  const { server, stdout, stderr } = await configured(t, { args: useFile, config });
  t.is(server.mostAtOnce(), 1);
  t.is(server.requests[0]?.headers['x-one'], '1');
  t.is(server.requests[0]?.headers['x-two'], '2');
  t.deepEqual(Object.keys(csvObjects(stdout)[0] ?? {}), ['id', 'url', 'fetch_status']);
  t.is(stderr, '');
});

test('URLMILL_CONFIG names the config file', async (t) => {
  const environment = { URLMILL_CONFIG: 'job.json' };
  const { server } = await configured(t, { environment, config: { userAgent: 'from the file' } });
  t.is(server.requests[0]?.headers['user-agent'], 'from the file');
});

test('--config wins over URLMILL_CONFIG', async (t) => {
  const environment = { URLMILL_CONFIG: 'missing.json' };
  const { server } = await configured(t, { args: useFile, environment, config: { userAgent: 'file' } });
  t.is(server.requests[0]?.headers['user-agent'], 'file');
});

test('an option can stand in the environment', async (t) => {
  const { server } = await configured(t, { environment: { URLMILL_USER_AGENT: 'from outside' } });
  t.is(server.requests[0]?.headers['user-agent'], 'from outside');
});

test('a list in the environment has one value a line', async (t) => {
  const { server } = await configured(t, { environment: { URLMILL_HEADER: 'X-One: 1\nX-Two: 2' } });
  t.is(server.requests[0]?.headers['x-one'], '1');
  t.is(server.requests[0]?.headers['x-two'], '2');
});

test('a switch in the environment is 1 or true', async (t) => {
  const { stdout, stderr } = await configured(t, {
    environment: { URLMILL_QUIET: '1', URLMILL_ORDERED: 'true', URLMILL_COLUMNS: 'row' },
  });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_row: row }) => row),
    ['1', '2'],
  );
  t.is(stderr, '');
});

test('a switch in the environment is off with 0 or false', async (t) => {
  const { stderr } = await configured(t, { environment: { URLMILL_QUIET: '0', URLMILL_ORDERED: 'false' } });
  t.regex(stderr, /2 rows in/);
});

test('the environment wins over the config file', async (t) => {
  const { server } = await configured(t, {
    args: useFile,
    environment: { URLMILL_USER_AGENT: 'environment' },
    config: { userAgent: 'file' },
  });
  t.is(server.requests[0]?.headers['user-agent'], 'environment');
});

test('the command line wins over the environment and the config file', async (t) => {
  const { server } = await configured(t, {
    args: [...useFile, '-A', 'command line'],
    environment: { URLMILL_USER_AGENT: 'environment' },
    config: { userAgent: 'file' },
  });
  t.is(server.requests[0]?.headers['user-agent'], 'command line');
});

test('--no- on the command line turns off what the config file turned on', async (t) => {
  const { stderr } = await configured(t, { args: [...useFile, '--no-quiet'], config: { quiet: true } });
  t.regex(stderr, /2 rows in/);
});

const refused = test.macro({
  exec: async (t, sources: Sources, message: RegExp) => {
    const { server, code, stdout, stderr } = await configured(t, sources);
    t.regex(stderr, message);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.is(stdout, '');
    t.is(server.requests.length, 0);
    t.is(code, 2);
  },
  title: (what) => `${what} is refused with code 2`,
});

test('a missing config file', refused, { args: ['--config', 'none.json'] }, /--config: none\.json cannot be/);
test(
  'a config file that is no JSON',
  refused,
  { args: useFile, config: '{"quiet": ' },
  /job\.json is not JSON/,
);
test('a config file that holds a list', refused, { args: useFile, config: '[1]' }, /an object of options/);
test('a config file that holds null', refused, { args: useFile, config: 'null' }, /an object of options/);
test('an unknown option in it', refused, { args: useFile, config: { speed: 3 } }, /job\.json: speed: there/);
test(
  'a prototype in it',
  refused,
  { args: useFile, config: '{"__proto__": {}}' },
  /job\.json: __proto__: there/,
);
test(
  'a bad value in it',
  refused,
  { args: useFile, config: { maxBody: '1X' } },
  /job\.json: maxBody: a size/,
);
test(
  'a text for a switch in it',
  refused,
  { args: useFile, config: { quiet: 'yes' } },
  /quiet: true or false/,
);
test('a null in it', refused, { args: useFile, config: { timeout: null } }, /job\.json: timeout: a duration/);
test(
  'an unknown variable URLMILL_…',
  refused,
  { environment: { URLMILL_SPEED: '3' } },
  /URLMILL_SPEED: there is no such option/,
);
test(
  'a bad value in the environment',
  refused,
  { environment: { URLMILL_MAX_BODY: 'much' } },
  /URLMILL_MAX_BODY: a size like/,
);
test(
  'a bad switch in the environment',
  refused,
  { environment: { URLMILL_ORDERED: 'yes' } },
  /URLMILL_ORDERED: true or false is needed, got "yes"/,
);
