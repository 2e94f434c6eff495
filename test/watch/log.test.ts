import test from 'ava';

import { Log, logEvents } from '../../src/watch/log.ts';
import type { LogFormat } from '../../src/watch/log.ts';

function written(format: LogFormat, say: (log: Log) => void): string[] {
  const lines: string[] = [];
  const log = new Log(
    (data) => lines.push(String(data)),
    () => format,
  );
  say(log);
  return lines;
}

/** Events and messages of the JSON lines. */
function told(say: (log: Log) => void): [event: string, message: string][] {
  return written('json', say).map((line) => {
    const { event, message } = JSON.parse(line) as { event: string; message: string };
    return [event, message];
  });
}

test('text is a line with the name of the command', (t) => {
  t.deepEqual(
    written('text', (log) => log.tell('notice', 'a\u001b[0m https://u:p@h/', { rows: 1 })),
    [`urlmill: a${String.raw`\u001b`}[0m https://h/\n`],
  );
});

test('JSON has the fields besides, and what is text in them is as harmless', (t) => {
  const [line = ''] = written('json', (log) =>
    log.tell('notice', 'm', { rows: 1, list: ['\u009b1m'], inner: { url: 'http://u:p@h/' } }),
  );
  t.like(JSON.parse(line), {
    level: 'warning',
    event: 'notice',
    message: 'm',
    rows: 1,
    list: [String.raw`\u009b1m`],
    inner: { url: 'http://h/' },
  });
  t.true(line.endsWith('}\n'));
});

test('what is printed is text as it comes', (t) => {
  const bytes = Buffer.from('\u001b[1mé');
  t.deepEqual(
    written('text', (log) => log.print('module-print', bytes)),
    [String(bytes)],
  );
});

test('what is printed comes in lines, wherever it is cut', (t) => {
  const bytes = Buffer.from('aé\nb\r\n\nc');
  const expected = ['aé', 'b', '', 'c'].map((message) => ['module-print', message]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const said = told((log) => {
      log.print('module-print', bytes.subarray(0, cut));
      log.print('module-print', bytes.subarray(cut));
      log.end();
    });
    t.deepEqual(said, expected as [string, string][], String(cut));
  }
});

test('two that print at the same time do not share a line', (t) => {
  const said = told((log) => {
    log.print('module-print', 'a');
    log.print('print', 'b');
    log.print('module-print', 'c\n');
    log.end();
    log.end();
  });
  t.deepEqual(said, [
    ['module-print', 'ac'],
    ['print', 'b'],
  ]);
});

test('nor do two streams of one', (t) => {
  const lines = told((log) => {
    log.print('module-print', Buffer.from('one, '), 'stdout');
    log.print('module-print', Buffer.from('two\n'), 'stderr');
    log.print('module-print', Buffer.from('unended'), 'stdout');
    log.end();
  });
  t.deepEqual(lines, [
    ['module-print', 'two'],
    ['module-print', 'one, unended'],
  ]);
});

test('a line that does not end is told in parts', (t) => {
  const said = told((log) => {
    for (let part = 0; part < 30; part++) log.print('print', 'x'.repeat(10_000));
    log.end();
  });
  t.is(said.map(([, message]) => message).join(''), 'x'.repeat(300_000));
  t.true(said.length > 1);
});

test('the format is asked when there is something to tell, and once', (t) => {
  let asked = 0;
  const log = new Log(
    () => {},
    () => {
      asked++;
      return 'json';
    },
  );
  t.is(asked, 0);
  log.tell('notice', 'a');
  log.tell('notice', 'b');
  t.is(asked, 1);
});

test('the names of events are those that programs rely on', (t) => {
  const levels = Object.fromEntries(Object.entries(logEvents).map(([event, { level }]) => [event, level]));
  t.deepEqual(levels, {
    notice: 'warning',
    insecure: 'warning',
    progress: 'info',
    closing: 'info',
    summary: 'info',
    failures: 'error',
    error: 'error',
    bug: 'error',
    'module-print': 'info',
    'node-warning': 'warning',
    print: 'info',
  });
});
