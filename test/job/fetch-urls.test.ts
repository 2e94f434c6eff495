import { join } from 'node:path';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import { fetchAll, fetchOne } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const page = '<title>One</title><p id=a>first</p><p>second</p>';

test('the options of processing give the values that the command would write', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('x-own', 'yes');
    if (url === '/json') response.setHeader('content-type', 'application/json').end('{"a":{"b":7}}');
    else response.setHeader('content-type', 'text/html').end(page);
  });
  const options: FetchUrlsOptions = {
    extract: 'title,sha256',
    prefix: 'page_',
    select: ['a=#a'],
    xpath: ['count=count(//p)'],
    json: ['b=a.b'],
    regex: ['word=<p>(\\w+)'],
    responseHeader: ['own=x-own'],
    body: 'body',
    ordered: true,
  };
  for (const threads of [1, 2]) {
    // oxlint-disable-next-line no-await-in-loop
    const [html, json] = await fetchAll([`${server.url}/`, `${server.url}/json`], { ...options, threads });
    t.like(html, { error: null, status: 200 });
    t.like(html?.values, { page_title: 'One', a: 'first', count: 2, word: 'second', own: 'yes', body: page });
    t.regex(html?.values['page_sha256'] as string, /^[0-9a-f]{64}$/);
    t.like(json?.values, { b: 7, own: 'yes', a: null });
  }
});

test('a module runs in another thread, and what never ends there ends with its row', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url.slice(1)));
  const folder = await temporaryFolder(t, {
    'own.mjs': `
      import { threadId } from 'node:worker_threads';
      export default ({ name }) => ({
        columns: [name, 'text'],
        process: (page) => {
          while (page.text() === 'hangs');
          return { [name]: threadId, text: page.text() };
        },
      });`,
  });
  const options = { module: join(folder, 'own.mjs'), moduleOption: ['name=thread'], processTimeout: '100ms' };
  const urls = ['a', 'hangs', 'b'].map((path) => `${server.url}/${path}`);
  const inMain = { columns: ['own'], process: () => ({ own: 'too' }) };
  const results = await fetchAll(urls, { ...options, ordered: true, processors: [inMain] });
  t.deepEqual(
    results.map(({ error, values: { text, own } }) => [error, text, own]),
    [
      [null, 'a', 'too'],
      ['process-timeout', undefined, 'too'],
      [null, 'b', 'too'],
    ],
  );
  t.true(Number(results[0]?.values['thread']) > 0);
});

const refused = test.macro({
  exec: async (t, options: FetchUrlsOptions, words: RegExp) => {
    const server = await httpServer(t, (_, response) => response.end('a'));
    const error = await t.throwsAsync(() => fetchOne(server.url, options), { instanceOf: UsageError });
    t.regex(error.message, words);
  },
  title: (_, options) => `the stream fails for ${JSON.stringify(options)}`,
});

test(refused, { extract: 'titel' }, /titel.*title/);
test(refused, { module: '/nowhere/own.mjs' }, /^--module: \/nowhere\/own\.mjs: there is no such file$/);
test(refused, { select: ['a=['] }, /^--select/);

test('options that contradict each other are refused at once', (t) => {
  t.throws(() => fetchUrls({ moduleOption: ['a=b'] }), { instanceOf: UsageError, message: /--module/ });
  t.throws(() => fetchUrls({ saveBodies: 'kept' } as FetchUrlsOptions), { instanceOf: UsageError });
});

test('what reads bodies gets them up to maxText, and a processor of the caller gets any', async (t) => {
  const text = `<title>One</title>${'x'.repeat(1000)}`;
  const server = await httpServer(t, (_, response) =>
    response.setHeader('content-type', 'text/html').end(text),
  );
  const options = { extract: 'title', maxText: 1000, sha256: true };
  const large = await fetchOne(server.url, options);
  t.like(large, {
    status: 200,
    error: 'process-failed',
    detail: 'larger than --max-text',
    bytes: text.length,
  });
  t.regex(large.sha256, /^[0-9a-f]{64}$/);
  const own = { columns: ['size'], process: ({ body }: { body: Buffer }) => ({ size: body.length }) };
  const { values } = await fetchOne(server.url, { ...options, processors: [own] });
  t.deepEqual(values, { size: text.length, fetch_title: 'One' });
});

// Serial, as other tests of this file start threads.
test.serial('threads that are undefined are one, as those that are not given', async (t) => {
  const html = `<title>x</title>${'<p>some text <a href=/x>link</a></p>'.repeat(5000)}`;
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html').end(html);
  });
  let threads = 0;
  const count = (): void => void threads++;
  process.on('worker', count);
  t.teardown(() => process.off('worker', count));
  const urls = Array.from({ length: 100 }, (_, n) => `${server.url}/${n}`);
  const results = await fetchAll(urls, { threads: undefined, extract: 'text,links' } as object);
  t.is(results.length, 100);
  t.is(threads, 0);
});

test('an AbortController in the place of its signal is a mistake', (t) => {
  const signal = new AbortController() as unknown as AbortSignal;
  t.throws(() => fetchUrls({ signal }), { instanceOf: UsageError, message: /^signal: an AbortSignal is/ });
});
