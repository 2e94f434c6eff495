import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { SeenRequest } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const files = {
  'headers.txt': '# secrets\nX-Token: t0k3n\r\n\nX-Other: o\n',
  'body.bin': 'raw {name}\n',
};

/** The request that is made for the row `7,Ann` with these options. */
async function requestWith(t: ExecutionContext, args: readonly string[]): Promise<SeenRequest> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': `id,name,url\n7,Ann,${server.url}/a\n`, ...files });
  const { code, stdout } = await urlmill([...args, 'in.csv'], { cwd });
  t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
  t.is(code, 0);
  const [request] = server.requests;
  if (request === undefined) throw new Error('nothing was requested');
  return request;
}

test('a request is a GET that says who asks', async (t) => {
  const { method, url, headers } = await requestWith(t, []);
  t.is(`${method} ${url}`, 'GET /a');
  t.regex(headers['user-agent'] ?? '', /^urlmill\/\d+\.\d+\.\d+ \(\+https:\/\/\S+\)$/);
});

test('-X chooses the method', async (t) => {
  const { method } = await requestWith(t, ['-X', 'options']);
  t.is(method, 'OPTIONS');
});

test('--method HEAD asks for no body', async (t) => {
  const { method } = await requestWith(t, ['--method', 'HEAD']);
  t.is(method, 'HEAD');
});

test('-H adds headers, each with cells of the row', async (t) => {
  const { headers } = await requestWith(t, ['-H', 'X-Id: n{id}', '--header', 'X-Name: {NAME}']);
  t.is(headers['x-id'], 'n7');
  t.is(headers['x-name'], 'Ann');
});

test('-H @FILE reads headers from a file', async (t) => {
  const { headers } = await requestWith(t, ['-H', '@headers.txt']);
  t.is(headers['x-token'], 't0k3n');
  t.is(headers['x-other'], 'o');
});

test('-A changes who asks', async (t) => {
  const { headers } = await requestWith(t, ['-A', 'me/1']);
  t.is(headers['user-agent'], 'me/1');
});

test('--data is posted with cells of the row', async (t) => {
  const { method, body, headers } = await requestWith(t, ['--data', 'n={name}&b={{name}}']);
  t.is(method, 'POST');
  t.is(body, 'n=Ann&b={name}');
  t.is(headers['content-type'], 'application/x-www-form-urlencoded');
});

test('--data-file is posted as it is', async (t) => {
  const { method, body } = await requestWith(t, ['--data-file', 'body.bin']);
  t.is(method, 'POST');
  t.is(body, files['body.bin']);
});

test('-X wins over the POST that data makes', async (t) => {
  const { method, body } = await requestWith(t, ['-X', 'PUT', '--data', 'x']);
  t.is(`${method} ${body}`, 'PUT x');
});
