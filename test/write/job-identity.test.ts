import test from 'ava';

import { difference } from '../../src/write/job-identity.ts';
import type { InputIdentity } from '../../src/shared/input-identity.ts';
import type { JobIdentity } from '../../src/write/job-identity.ts';

const input: InputIdentity = { name: '/data/in.csv', size: 10, mtime: 1.5, head: 'ab' };
const second: InputIdentity = { name: '/data/more.csv', size: 20, mtime: 2.5, head: 'cd' };
const job: JobIdentity = {
  version: '1.2.3',
  inputs: [input, second],
  options: { 'url-column': 'u', method: 'm', 'max-body': 'b' },
};

const differs = test.macro({
  exec: (t, changes: Partial<JobIdentity>, expected: string | null) => {
    t.is(difference(job, { ...job, ...changes }), expected);
  },
  title: (what) => `${what}`,
});

test('nothing else: the same job', differs, {}, null);
test('the last number of the version: the same job', differs, { version: '1.2.99' }, null);
test(
  'what the file of an option holds',
  differs,
  { contents: { module: 'x', 'data-file': 'y' } },
  'the file of --module, --data-file has changed since',
);
test('the version', differs, { version: '1.3.0' }, 'it was made by urlmill 1.2.3');
test('the first number of the version', differs, { version: '11.2.3' }, 'it was made by urlmill 1.2.3');
test('fewer files', differs, { inputs: [input] }, 'its input was another list of files');
test('more files', differs, { inputs: [input, second, input] }, 'its input was another list of files');
test('another file', differs, { inputs: [input, input] }, 'its input was /data/more.csv');
test('another order of the files', differs, { inputs: [second, input] }, 'its input was /data/in.csv');
test(
  'the size of a file',
  differs,
  { inputs: [input, { ...second, size: 21 }] },
  '/data/more.csv has changed since',
);
test(
  'the time of a file',
  differs,
  { inputs: [{ ...input, mtime: 1.6 }, second] },
  '/data/in.csv has changed since',
);
test(
  'the first bytes of a file',
  differs,
  { inputs: [{ ...input, head: 'ac' }, second] },
  '/data/in.csv has changed since',
);
test('an option', differs, { options: { ...job.options, method: 'x' } }, 'it was made with another --method');
test(
  'options',
  differs,
  { options: { ...job.options, method: 'x', 'max-body': 'x' } },
  'it was made with another --method, --max-body',
);
test(
  'an option that was not known then',
  differs,
  { options: { ...job.options, data: 'd' } },
  'it was made with another --data',
);
test(
  'an option that is not known any more',
  differs,
  { options: { 'url-column': 'u', method: 'm' } },
  'it was made with another --max-body',
);
