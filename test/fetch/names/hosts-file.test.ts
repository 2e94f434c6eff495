import { join } from 'node:path';

import test from 'ava';

import { readHostsFile } from '../../../src/fetch/names/hosts-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('names stand behind their address, several in a line', async (t) => {
  const folder = await temporaryFolder(t, { hosts: '192.0.2.1\ta.test  b.test\r\n2001:db8::1 c.test\n' });
  const hosts = readHostsFile(join(folder, 'hosts'));
  t.deepEqual([...hosts.keys()], ['a.test', 'b.test', 'c.test']);
  t.deepEqual(hosts.get('b.test'), [{ address: '192.0.2.1', family: 4 }]);
  t.deepEqual(hosts.get('c.test'), [{ address: '2001:db8::1', family: 6 }]);
});

test('a name of several lines has all their addresses, in order', async (t) => {
  const folder = await temporaryFolder(t, { hosts: '192.0.2.2 a.test\n::1 A.Test\n192.0.2.1 a.test' });
  t.deepEqual(readHostsFile(join(folder, 'hosts')).get('a.test'), [
    { address: '192.0.2.2', family: 4 },
    { address: '::1', family: 6 },
    { address: '192.0.2.1', family: 4 },
  ]);
});

test('comments, blank lines and what has no address name nothing', async (t) => {
  const text = '\ufeff# 192.0.2.1 a.test\n\n  192.0.2.2 b.test # c.test\nnot-an-address d.test\n192.0.2.3\n';
  const folder = await temporaryFolder(t, { hosts: text });
  t.deepEqual([...readHostsFile(join(folder, 'hosts')).keys()], ['b.test']);
});

test('a byte order mark is no part of the first address', async (t) => {
  const folder = await temporaryFolder(t, { hosts: '\ufeff192.0.2.1 a.test' });
  t.true(readHostsFile(join(folder, 'hosts')).has('a.test'));
});

test('a file that is not there names nothing', async (t) => {
  t.is(readHostsFile(join(await temporaryFolder(t), 'hosts')).size, 0);
});
