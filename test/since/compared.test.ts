import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import type { RunOptions } from '../../src/run.ts';
import { changes, nights, tagged } from './nights.ts';

const html = (title: string): string => `<title>${title}</title>`;

test('what is compared and not of the page counts where the page was not sent again', async (t) => {
  let [way, name] = ['/a', 'one'];
  const { night, list, asked } = await nights(
    t,
    { '/x': '', '/a': '', '/b': '', '/z': html('z') },
    (request, response, text) => {
      response.setHeader('Server', name);
      if (request.url === '/z') tagged(request, response, text);
      else response.writeHead(302, { location: request.url === '/x' ? way : '/z' }).end();
    },
  );
  await list(['/x', '/z']);
  const columns = '+redirect_chain,+redirects,+server,+first_status';
  const become = async (changeBy: string | undefined, expected: readonly string[]): Promise<void> => {
    t.deepEqual(changes(await night({ columns, changeBy })), expected, changeBy);
    t.true(asked().filter((tag) => tag !== undefined).length === 2, changeBy);
  };
  await night({ columns });
  await become('redirect_chain', ['same', 'same']);
  way = '/b';
  await become('redirect_chain', ['changed', 'same']);
  await become('redirect_chain', ['same', 'same']);
  way = '/z';
  await become('redirects,type', ['changed', 'same']);
  name = 'two';
  await become('sha256', ['same', 'same']);
  name = 'three';
  await become('server', ['changed', 'changed']);
  await become('server,sha256,url,status', ['same', 'same']);
});

test('where the first status is compared, pages are asked for whole', async (t) => {
  const { night, asked } = await nights(t, { '/a': html('a') });
  for (const changeBy of ['first_status', 'sha256,first_status']) {
    const options: RunOptions = { columns: '+first_status', changeBy };
    await night(options);
    t.deepEqual(changes(await night(options)), ['same']);
    t.deepEqual(asked(), [undefined]);
  }
});

test('a hash that one of two nights does not have tells nothing', async (t) => {
  const { night, texts } = await nights(t, { '/a': html('a'), '/b': '' });
  const head = { head: true } as const;
  await night(head);
  t.deepEqual(changes(await night({ changeBy: 'body' })), ['', '']);
  t.deepEqual(changes(await night({ changeBy: 'body' })), ['same', 'same']);
  texts.set('/a', html('b'));
  t.deepEqual(changes(await night({ ...head, changeBy: 'body' })), ['', 'same']);
  await night({ ...head, changeBy: 'text' });
  t.deepEqual(changes(await night({ changeBy: 'text' })), ['', '']);
  await night({ ...head, extract: 'title' });
  t.deepEqual(changes(await night({ extract: 'title' })), ['', '']);
  t.deepEqual(changes(await night({ extract: 'title' })), ['same', 'same']);
  texts.delete('/a');
  await night(head);
  texts.set('/a', html('b'));
  t.deepEqual(changes(await night()), ['recovered', 'same']);
});

const formula = html('=1+1');
const safety = test.macro({
  exec: async (t, before: RunOptions, after: RunOptions, isConditional: boolean) => {
    for (const isTagged of [true, false]) {
      const { once, cwd, asked } = await nights(
        t,
        { '/formula': formula, '/plain': html('plain') },
        (request, response, text) => {
          if (isTagged) tagged(request, response, text);
          else response.setHeader('Content-Type', 'text/html').end(text);
        },
      );
      const output = join(cwd, 'out.csv');
      const written = async (options: RunOptions): Promise<string> => {
        await once({ ...options, output, extract: 'title', columns: 'status,error,url' });
        const text = await readFile(output, 'utf8');
        return text.replaceAll(/^\ufeff|\r(?=\n)/g, '').replaceAll(';', ',');
      };
      await written(before);
      const text = await written(after);
      t.regex(text, after.excel === true || after.excelSafe === true ? /,same,'=1\+1\n/ : /,same,=1\+1\n/);
      t.regex(text, /,same,plain\n/);
      if (isTagged)
        t.deepEqual(
          asked().map((tag) => tag !== undefined),
          [isConditional, true],
        );
    }
  },
  title: (_, before, after) =>
    `values are the same by ${JSON.stringify(after)} after ${JSON.stringify(before)}`,
});
test(safety, { excel: true }, {}, false);
test(safety, { excelSafe: true }, {}, false);
test(safety, {}, { excelSafe: true }, true);
test(safety, {}, { excel: true }, true);
test(safety, { excel: true }, { excelSafe: true }, true);

test("a value that begins as a formula made harmless is the page's own", async (t) => {
  const { night } = await nights(t, { '/a': html("'=1") });
  const options = { extract: 'title' };
  await night(options);
  const [row] = await night(options);
  t.like(row, { fetch_change: 'same', fetch_title: "'=1" });
});
