import test from 'ava';

import { queueAddress } from '../../../src/scale/queue/address.ts';
import { loadPeers } from '../../../src/scale/queue/peers.ts';
import type { Peers } from '../../../src/scale/queue/peers.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('an address from the environment may have a password, which is not shown', (t) => {
  t.deepEqual(queueAddress(undefined, 'rediss://me:s3cret@queue.example:6380/2'), {
    url: 'rediss://me:s3cret@queue.example:6380/2',
    shown: 'rediss://queue.example:6380/2',
  });
});

test('an address from a file may have one too', async (t) => {
  const folder = await temporaryFolder(t, { queue: 'redis://:s3cret@queue.example\n' });
  t.deepEqual(queueAddress(`@${folder}/queue`, 'redis://other.example'), {
    url: 'redis://:s3cret@queue.example',
    shown: 'redis://queue.example',
  });
});

const refused = test.macro({
  exec: (t, said: string | undefined, words: RegExp) => {
    const error = t.throws(() => queueAddress(said, ''), { name: 'UsageError', message: words });
    t.notRegex(error?.message ?? '', /s3cret/);
  },
  title: (_, said: string | undefined) => `refused: --queue ${said}`,
});

test(refused, undefined, /name the Redis/);
test(refused, 'redis://:s3cret@queue.example', /password on the command line/);
test(refused, 's3cret@queue.example:6379', /redis:\/\/HOST:PORT/);
test(refused, 'http://:s3cret@queue.example', /redis:\/\/HOST:PORT/);
test(refused, 'redis://:s3cret@', /redis:\/\/HOST:PORT/);
test(refused, 'redis://queue.example/jobs', /number of a database/);
test(refused, '@/no/such/file', /cannot be read/);

test('packages that are not installed are told', async (t) => {
  const name: string = 'bullmq-is-not-installed';
  const missing = async (): Promise<Peers> => (await import(name)) as Peers;
  await t.throwsAsync(loadPeers(missing), { name: 'UsageError', message: /npm install bullmq ioredis/ });
});
