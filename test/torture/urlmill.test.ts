import test from 'ava';

import { callsIn } from '../../torture/urlmill.ts';

const log = [
  '418   statx(AT_FDCWD, "/o/out.csv", AT_STATX_SYNC_AS_STAT, STATX_ALL, 0x7fc26bffeb90) = -1 ENOENT (No such file)',
  '418   openat(AT_FDCWD, "/o", O_RDONLY|O_CLOEXEC) = 27',
  '418   fsync(27 <unfinished ...>',
  '418   <... fsync resumed>)             = 0',
  '418   openat(AT_FDCWD, "/o", O_RDONLY|O_CLOEXEC <unfinished ...>',
];
/** Lines that strace 6.1 sometimes writes when a thread was killed during a call. */
const dying = [
  '32738 openat(AT_FDCWD, "/o", O_RDONLY|O_CLOEXEC <unfinished ...>',
  '381   openat(AT_FDCWD, "/o", O_RDONLY|O_CLOEXEC <unfinished ...>',
  '386   +++ killed by SIGKILL +++',
  '418   <... openat resumed>)             = ?',
  '418   +++ killed by SIGKILL +++',
];

test('calls are counted by their kinds', (t) => {
  t.deepEqual(
    [...callsIn(log, null)],
    [
      ['statx', 1],
      ['openat', 2],
      ['fsync', 1],
    ],
  );
});

test('what strace writes of other threads behind the call that kills is no call', (t) => {
  const made = callsIn([...log, ...dying], { kind: 'kill', call: 'openat', nth: 2 });
  t.is(made.get('openat'), 2);
});

test('calls of a second thread are refused', (t) => {
  const message = /more than one thread cannot be counted: 32738 openat.*\(kill at openat 3\)$/;
  t.throws(() => callsIn([...log, ...dying], { kind: 'kill', call: 'openat', nth: 3 }), { message });
  t.throws(() => callsIn([...log, ...dying], { kind: 'EIO', call: 'openat', nth: 2 }), {
    message: /\(EIO at openat 2\)$/,
  });
  t.throws(() => callsIn([...log, ...dying], null), { message: /O_CLOEXEC <unfinished \.\.\.>$/ });
});
