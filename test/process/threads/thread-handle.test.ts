import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import test from 'ava';

import { ThreadHandle } from '../../../src/process/threads/thread-handle.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('a thread that is told to end again and again ends without a warning', async (t) => {
  const cwd = await temporaryFolder(t, {
    'm.mjs': 'export default { columns: ["m"], process: () => ({}) };',
  });
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  t.teardown(() => process.off('warning', listen));
  const heard = new EventTarget();
  const tell = (name: string) => (): void => void heard.dispatchEvent(new Event(name));
  const ready = once(heard, 'ready');
  const ended = once(heard, 'end');
  const nothing = {
    extract: undefined,
    select: [],
    json: [],
    xpath: [],
    regex: [],
    responseHeader: [],
    body: undefined,
    next: undefined,
  };
  const options = { ...nothing, module: join(cwd, 'm.mjs'), moduleOption: [], prefix: '' };
  const thread = new ThreadHandle(options, 1000, {
    onReady: tell('ready'),
    onRefused: (error) => t.fail(error.message),
    onDone: () => {},
    onEnd: tell('end'),
    onStray: () => {},
    onPrint: () => {},
  });
  await ready;
  for (let n = 0; n < 20; n++) thread.kill();
  await ended;
  await setImmediate();
  t.deepEqual(warnings, []);
});
