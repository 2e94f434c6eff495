import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';

import test from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { ResponsePage } from '../../src/page/page.ts';
import { InThisThread } from '../../src/page/in-this-thread.ts';
import type { Page, Processor, Result, Value } from '../../src/shared/records.ts';
import { fetchAll, fetchOne, row as rowOf } from '../helpers/fetch.ts';
import { httpServer, rawServer } from '../helpers/server.ts';

type Values = Record<string, Value>;
type Process = (page: Page) => Values | Promise<Values>;

const processor = (columns: readonly string[], process: Process): Processor => ({ columns, process });

test('the values of all processors are in the result, under their columns', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('body'));
  const { values, bytes } = await fetchOne(url, {
    processors: [
      processor(['a', 'b'], ({ body }) => ({ a: body.length, b: [1, { c: null }] })),
      processor(['d', 'e', 'f'], () => ({ d: undefined, e: null, f: true })),
    ],
  });
  t.deepEqual({ ...values }, { a: 4, b: [1, { c: null }], d: undefined, e: null, f: true });
  t.is(bytes, 4);
});

const inTurn = test.macro({
  exec: async (t, asynchronous: readonly boolean[]) => {
    const { url } = await httpServer(t, (_, response) => response.end());
    const order: string[] = [];
    const processors = asynchronous.map((waits, i) =>
      processor([`c${i}`], (): Values | Promise<Values> => {
        order.push(`begin ${i}`);
        const end = (): Values => {
          order.push(`end ${i}`);
          return { [`c${i}`]: i };
        };
        return waits ? turn().then(() => end()) : end();
      }),
    );
    const { values } = await fetchOne(url, { processors });
    t.deepEqual(
      Object.entries(values),
      asynchronous.map((_, i) => [`c${i}`, i]),
    );
    t.deepEqual(
      order,
      asynchronous.flatMap((_, i) => [`begin ${i}`, `end ${i}`]),
    );
  },
  title: (name) => `processors run one after the other, in order: ${name}`,
});

test('sync', inTurn, [false, false, false]);
test('async', inTurn, [true, true, true]);
test('async first', inTurn, [true, false, true]);
test('async last', inTurn, [false, false, true]);
test('async between', inTurn, [false, true, false]);

test('a later processor wins a column that two have declared', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const both = [processor(['a'], () => ({ a: 1 })), processor(['a'], () => ({ a: 2 }))];
  t.is((await fetchOne(url, { processors: both })).values['a'], 2);
});

test('a processor sees this and is called as a method', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const counting = {
    columns: ['n'],
    count: 41,
    process(): Values {
      return { n: ++this.count };
    },
  };
  t.is((await fetchOne(url, { processors: [counting] })).values['n'], 42);
});

const fails = test.macro({
  exec: async (t, process: () => unknown, detail: string) => {
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('body');
    });
    const fine = processor(['a'], () => ({ a: 1 }));
    const failing = processor(['b'], process as Process);
    for (const processors of [[failing], [fine, failing], [failing, fine]]) {
      const result = await fetchOne(url, { processors });
      t.is(result.error, 'process-failed');
      t.is(result.detail.replace(/ \(\S+processors\.test\.js(?::\d+){2}\)$/, ''), detail);
      // Fetching succeeded, and its findings are kept.
      t.deepEqual([result.status, result.bytes, result.type], [404, 4, 'text/html']);
      t.deepEqual({ ...result.values }, {});
    }
  },
  title: (name) => `process-failed: ${name}`,
});

const notObject = 'process() must return an object with a value per column, or an array of such objects';
test('throwing', fails, () => raise(new Error('no such thing')), 'no such thing');
test('throwing what is no Error', fails, () => raise('just text'), 'just text');
test('throwing nothing', fails, () => raise(undefined), 'undefined');
test('rejecting', fails, async () => raise(new RangeError('out of it')), 'out of it');
test('rejecting later', fails, async () => turn().then(() => raise(new Error('late'))), 'late');
test(
  'a column that was not declared',
  fails,
  () => ({ b: 1, c: 2 }),
  'process() gave "c", which is not in columns',
);
test('such a column later', fails, async () => turn({ c: 2 }), 'process() gave "c", which is not in columns');
test('nothing', fails, () => {}, notObject);
test('null', fails, () => null, notObject);
test('text', fails, () => 'b', notObject);
test('a list of texts', fails, () => ['b'], notObject);
test(
  'a generator',
  fails,
  function* () {
    yield { b: 1 };
  },
  notObject,
);
test(
  'an asynchronous generator',
  fails,
  async function* () {
    yield { b: 1 };
  },
  notObject,
);
test('nothing, later', fails, async () => turn(), notObject);
test(
  'a column named like the prototype',
  fails,
  () => JSON.parse('{"__proto__": 1}') as unknown,
  'process() gave "__proto__", which is not in columns',
);

const unwritable = 'the value of "b" cannot be written';
test('a number that is none', fails, () => ({ b: Number.NaN }), unwritable);
test('an endless number', fails, () => ({ b: -Infinity }), unwritable);
test('a function', fails, () => ({ b: raise }), unwritable);
test('a symbol', fails, async () => turn({ b: Symbol('b') }), unwritable);
test('a large integer', fails, () => ({ b: 1n }), 'Do not know how to serialize a BigInt');

test('values are not mixed up with members of Object', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const processors = [processor(['toString'], () => ({}))];
  const { values, error } = await fetchOne(url, { processors });
  t.is(error, null);
  t.is(values['toString'], undefined);
});

test('a processor that fails on one row leaves the others alone', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const seventh = processor(['a'], (page) => {
    if (page.url.endsWith('/7')) throw new Error('seven');
    return { a: page.url.length };
  });
  const urls = Array.from({ length: 20 }, (_, i) => `${url}/${i}`);
  const results = await fetchAll(urls, { processors: [seventh], concurrency: 4 });
  t.deepEqual(
    results.filter(({ error }) => error !== null).map(({ row, error }) => [row.url, error]),
    [[`${url}/7`, 'process-failed']],
  );
  t.is(results.filter(({ values }) => values['a'] !== undefined).length, 19);
});

test('a slow processor holds its slot', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  let now = 0;
  let most = 0;
  const slow = processor(['a'], async () => {
    most = Math.max(most, ++now);
    for (let i = 0; i < 20; i++) await turn();
    now--;
    return {};
  });
  const urls = Array.from({ length: 30 }, () => server.url);
  await fetchAll(urls, { processors: [slow], concurrency: 3, perHost: 3 });
  t.is(now, 0);
  t.true(most >= 1 && most <= 3, `${most} at once`);
});

test('a processor that does not end in time is process-timeout', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('body'));
  const never = processor(['a'], async () => new Promise<Values>(() => {}));
  const fine = processor(['b'], () => ({ b: 1 }));
  const [result] = await fetchAll([url], { processors: [fine, never], processTimeout: 100 });
  t.is(result?.error, 'process-timeout');
  t.deepEqual([result?.status, result?.bytes, result?.detail], [200, 4, 'not done within 100 ms']);
  t.deepEqual({ ...result?.values }, {});
});

test('a processor has its time, however long the request and its redirects took', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    if (path === '/to') response.end();
    else setTimeout(() => response.writeHead(302, { location: '/to' }).end(), 300);
  });
  // However late they are, the timers of one thread fire in order, so this one fires before the timeout.
  const slow = processor(['a'], async () => new Promise((resolve) => setTimeout(resolve, 300, { a: 1 })));
  const { error, values } = await fetchOne(url, { processors: [slow], processTimeout: 500 });
  t.deepEqual([error, values['a']], [null, 1]);
});

test('what need not be done in time is waited for', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('body'));
  const slow = {
    untimed: true,
    ...processor(['a'], async () => new Promise((resolve) => setTimeout(resolve, 500, { a: 1 }))),
  };
  const { error, values } = await fetchOne(url, { processors: [slow], processTimeout: 300 });
  t.deepEqual([error, { ...values }], [null, { a: 1 }]);
});

const waiting = (ms: number): Process => {
  return async () => new Promise((resolve) => setTimeout(resolve, ms, {}));
};
const plain = (rows: Result['rows']): unknown => rows?.map((row) => ({ ...row }));
const list = (name: string): Processor => ({ columns: [name], process: () => [{ [name]: 1 }] });

test('the time runs from the first processor that it counts for', async (t) => {
  const page = new ResponsePage(rowOf({ url: 'http://a.test/' }), '', 200, [], '', Buffer.alloc(0));
  const untimed = { untimed: true, ...processor(['a'], waiting(400)) };
  const inTime = new InThisThread([untimed, processor(['b'], waiting(1))], 300);
  t.is((await inTime.process(page)).error, null);
  const tooLate = new InThisThread([processor(['b'], waiting(60_000)), untimed], 300);
  t.is((await tooLate.process(page)).error, 'process-timeout');
});

test('a processor may give several rows, or none, beside the values of the others', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('a b c'));
  const length = processor(['length'], ({ body }) => ({ length: body.length }));
  const words = {
    columns: ['word'],
    process: ({ text }: Page) =>
      text()
        .split(' ')
        .map((word) => ({ word })),
  };
  const none = { columns: ['word'], process: () => [] };
  const several = await fetchOne(url, { processors: [length, words] });
  t.deepEqual({ ...several.values }, { length: 5 });
  t.deepEqual(plain(several.rows), [{ word: 'a' }, { word: 'b' }, { word: 'c' }]);
  t.deepEqual((await fetchOne(url, { processors: [none, length] })).rows, []);
  t.is((await fetchOne(url, { processors: [length] })).rows, null);
});

test('two processors that give lists fail the row', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const { error, detail, rows } = await fetchOne(url, { processors: [list('a'), list('b')] });
  t.deepEqual(
    [error, detail, rows],
    ['process-failed', 'two processors gave lists of rows for one page', null],
  );
});

test('a promise of another realm is waited for', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end());
  const later = {
    columns: ['a'],
    process: () => runInNewContext('Promise.resolve({ a: 1 })') as Promise<Values>,
  };
  t.is((await fetchOne(url, { processors: [later] })).values['a'], 1);
});

const endsRun = test.macro({
  exec: async (t, process: () => unknown) => {
    const { url } = await httpServer(t, (_, response) => response.end('body'));
    const fine = processor(['a'], () => ({ a: 1 }));
    const failing = processor(['b'], process as Process);
    for (const processors of [[failing], [fine, failing], [failing, fine]]) {
      const results = fetchAll([url, url, url], { processors });
      await t.throwsAsync(results, { instanceOf: OutputError, message: 'the disk is full' });
    }
  },
  title: (name) => `an OutputError ends the run, not the row: ${name}`,
});

test('thrown', endsRun, () => raise(new OutputError('the disk is full')));
test('rejected', endsRun, async () => turn().then(() => raise(new OutputError('the disk is full'))));

const noBody = test.macro({
  exec: async (t, reply: string) => {
    const server = await rawServer(t, (socket) => socket.end(reply, 'latin1'));
    let calls = 0;
    const counting = processor(['a'], () => ({ a: ++calls }));
    const { error, values } = await fetchOne(server.url, { processors: [counting], maxBody: 100 });
    t.truthy(error);
    t.is(calls, 0);
    t.deepEqual({ ...values }, {});
  },
  title: (name) => `processors do not see a body that failed: ${name}`,
});

const ok = 'HTTP/1.1 200 OK\r\n';
test('cut', noBody, `${ok}content-length: 10\r\n\r\nhalf`);
test('too large', noBody, `${ok}\r\n${'x'.repeat(101)}`);
test('undecodable', noBody, `${ok}content-encoding: gzip\r\ncontent-length: 4\r\n\r\nhalf`);
test(
  'a redirect that failed',
  noBody,
  'HTTP/1.1 302 Found\r\nlocation: ftp://a.test/\r\ncontent-length: 0\r\n\r\n',
);
test('no reply', noBody, '');

function raise(error: unknown): never {
  throw error;
}
