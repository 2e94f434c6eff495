import { join } from 'node:path';

import test from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import { optionCertificates } from '../../../src/fetch/connect/tls-files.ts';
import { requestSettings } from '../../../src/fetch/request/settings.ts';
import { readSaid } from '../../../src/options/resolve.ts';
import { requestOptions } from '../../../src/options/table.ts';
import { certificates } from '../../helpers/certificates.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

type Said = Parameters<typeof readSaid<keyof typeof requestOptions>>[1];

const settings = (said: Said): ReturnType<typeof requestSettings> =>
  requestSettings(readSaid(requestOptions, said));

test('headers of a file stand where the file was named', async (t) => {
  const folder = await temporaryFolder(t, {
    'headers.txt': '# a comment: not sent\r\n\r\nX-One: 1\r\n  \nX-Two:2: {id} \nX-Three:\n',
  });
  const { headers } = settings({ header: ['A: b', `@${join(folder, 'headers.txt')}`, 'C: d'] });
  t.deepEqual(headers, [
    ['A', 'b'],
    ['X-One', '1'],
    ['X-Two', '2: {id}'],
    ['X-Three', ''],
    ['C', 'd'],
  ]);
});

const badFile = test.macro({
  exec: async (t, content: string, message: string) => {
    const folder = await temporaryFolder(t, { 'headers.txt': content });
    const path = join(folder, 'headers.txt');
    const error = t.throws(() => settings({ header: [`@${path}`] }), { instanceOf: UsageError });
    t.is(error.message, `--header: ${path}: ${message}`);
  },
  title: (name) => `a file of headers is refused, with the line: ${name}`,
});

test('no colon', badFile, 'A: b\n\nsecret\n', 'line 3: a header "Name: value" or @FILE is needed');
test('a file in the file', badFile, '@other.txt', 'line 1: a header "Name: value" is needed');
test('framing', badFile, 'Content-Length: 5', 'line 1: the header Content-Length is set by urlmill itself');
test('NUL', badFile, 'X: sec\0ret', 'line 1: the value of the header X holds a control character');

test('a file of headers that cannot be read is refused by name', (t) => {
  t.throws(() => settings({ header: ['@no/such.txt'] }), {
    instanceOf: UsageError,
    message: '--header: no/such.txt cannot be read: no such file or directory',
  });
});

test('a file of data that cannot be read is refused by name', (t) => {
  t.throws(() => settings({ dataFile: 'no/such.txt' }), {
    instanceOf: UsageError,
    message: '--data-file: no/such.txt cannot be read: no such file or directory',
  });
});

test('data and a file of data contradict each other', (t) => {
  t.throws(() => settings({ data: '', dataFile: 'no/such.txt' }), {
    instanceOf: UsageError,
    message: '--data and --data-file cannot both be the body of a request',
  });
});

test('there is one Host header, wherever it comes from', async (t) => {
  const folder = await temporaryFolder(t, { 'headers.txt': 'HOST: b.test\n' });
  t.deepEqual(settings({ header: ['Host: a.test'] }).headers, [['Host', 'a.test']]);
  t.throws(() => settings({ header: ['host: a.test', `@${join(folder, 'headers.txt')}`] }), {
    instanceOf: UsageError,
    message: '--header: a request has one Host header only',
  });
});

const badCertificates = test.macro({
  exec: async (t, content: string) => {
    const folder = await temporaryFolder(t, { 'ca.pem': content });
    const path = join(folder, 'ca.pem');
    t.throws(() => optionCertificates('--cacert', path), {
      instanceOf: UsageError,
      message: `--cacert: ${path} holds no certificate (PEM)`,
    });
  },
  title: (name) => `a file of certificates is refused: ${name}`,
});

test('nothing', badCertificates, '');
test('text', badCertificates, 'nothing of the kind');
test('a broken one', badCertificates, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

test('a file of certificates is given as it is', async (t) => {
  const { ca, good } = await certificates();
  const folder = await temporaryFolder(t, { 'ca.pem': `mine\n${ca}`, 'key.pem': good.key });
  t.is(optionCertificates('--cacert', join(folder, 'ca.pem')), `mine\n${ca}`);
  t.throws(() => optionCertificates('--cacert', join(folder, 'key.pem')), { instanceOf: UsageError });
});

test('the method is GET, with data POST, and what is said in any case', async (t) => {
  const folder = await temporaryFolder(t, { data: 'x' });
  t.is(settings({}).method, 'GET');
  t.is(settings({ data: 'x' }).method, 'POST');
  t.is(settings({ data: '' }).method, 'POST');
  t.is(settings({ dataFile: join(folder, 'data') }).method, 'POST');
  t.is(settings({ method: 'patch', data: 'x' }).method, 'PATCH');
});

test('data stays text, a file of data stays bytes', async (t) => {
  const folder = await temporaryFolder(t, { data: Buffer.from([0xff, 0x7b]) });
  t.is(settings({}).data, null);
  t.is(settings({ data: '{id}' }).data, '{id}');
  t.deepEqual(settings({ dataFile: join(folder, 'data') }).data, Buffer.from([0xff, 0x7b]));
});
