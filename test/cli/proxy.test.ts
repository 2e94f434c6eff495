import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { httpProxy } from '../helpers/proxy.ts';
import type { TestProxy } from '../helpers/proxy.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Surroundings {
  readonly server: TestServer;
  readonly proxy: TestProxy;
  /** The proxy's URL with credentials. */
  readonly proxyUrl: string;
  readonly run: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ended>;
}

async function surroundings(t: ExecutionContext, url = ''): Promise<Surroundings> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const proxy = await httpProxy(t, { credentials: 'me:c4n4ry', leadsTo: server.port });
  const cwd = await temporaryFolder(t, { 'in.txt': `${url || server.url}\n` });
  const always = ['--retries', '0', '--columns', 'all,-soft_404', 'in.txt'];
  return {
    server,
    proxy,
    proxyUrl: `http://me:c4n4ry@127.0.0.1:${proxy.port}`,
    run: async (args, environment = {}) => urlmill([...args, ...always], { cwd, environment }),
  };
}

test('--proxy is used, and its credentials are shown to nobody else', async (t) => {
  const { server, proxy, proxyUrl, run } = await surroundings(t);
  const { code, stdout, stderr } = await run(['--proxy', proxyUrl]);
  t.is(code, 0);
  t.is(proxy.asked.length, 1);
  t.regex(stdout, /,200,/);
  t.false(/c4n4ry|YzRuNHJ5/.test(stdout + stderr + JSON.stringify(server.requests)));
});

test('the environment names a proxy, and NO_PROXY who does without', async (t) => {
  const { proxy, proxyUrl, run } = await surroundings(t);
  await run([], { HTTP_PROXY: proxyUrl });
  t.is(proxy.asked.length, 1);
  await run([], { HTTPS_PROXY: proxyUrl });
  await run([], { http_proxy: proxyUrl, NO_PROXY: 'a.test,127.0.0.1' });
  await run(['--proxy', 'none'], { http_proxy: proxyUrl });
  await run(['--proxy', proxyUrl], { no_proxy: '127.0.0.0/8' });
  t.is(proxy.asked.length, 1);
  await run([], { URLMILL_PROXY: proxyUrl });
  t.is(proxy.asked.length, 2);
});

test('failures of a proxy name it without its credentials', async (t) => {
  const { run } = await surroundings(t, 'https://a.test/');
  const down = `http://me:c4n4ry@127.0.0.1:${await closedPort()}`;
  const refused = await run(['--proxy', down]);
  t.regex(refused.stdout, /connect-refused/);
  const { proxy } = await surroundings(t);
  const denied = await run(['--proxy', `http://other:c4n4ry@127.0.0.1:${proxy.port}`]);
  t.is(denied.code, 2);
  t.regex(
    denied.stderr,
    /^urlmill: the proxy answered 407 Proxy Authentication Required \(http:\/\/127[^\n]+\n$/,
  );
  t.notRegex([refused, denied].map(({ stdout, stderr }) => stdout + stderr).join(), /c4n4ry/);
});

test('a proxy that cannot be one ends the command before any request, without its text', async (t) => {
  const { server, run } = await surroundings(t);
  for (const [args, environment] of [
    [['--proxy', 'socks4://me:c4n4ry@p.test'], {}],
    [['--proxy', 'http://me:c4n4ry@p.test:99999'], {}],
    [[], { http_proxy: 'http://me:c4n4ry@p.test/path' }],
    [[], { HTTPS_PROXY: 'ftp://me:c4n4ry@p.test' }],
  ] as const) {
    const { code, stderr } = await run(args, environment);
    t.is(code, 2);
    t.regex(stderr, /^urlmill: (?:--proxy|http_proxy|HTTPS_PROXY): [^\n]+\n$/);
    t.notRegex(stderr, /c4n4ry/);
  }
  t.is(server.requests.length, 0);
});
