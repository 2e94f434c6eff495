import test from 'ava';

import { lastSaid } from '../../src/cli/last-said.ts';

const said = test.macro({
  exec: (t, args: readonly string[], expected: string | undefined) =>
    t.is(lastSaid(args, 'config'), expected),
  title: (_, args: readonly string[], expected: string | undefined) =>
    `${args.join(' ') || 'nothing'}: ${expected === undefined ? 'not said' : JSON.stringify(expected)}`,
});

test(said, [], undefined);
test(said, ['--config', 'a'], 'a');
test(said, ['--config=a=b'], 'a=b');
test(said, ['--config='], '');
test(said, ['x', '--config', 'a', '--config=b', '-q'], 'b');
test(said, ['--config'], undefined);
test(said, ['--configs', 'a', '--no-config=a', '-config', 'a'], undefined);
test(said, ['--', '--config', 'a'], undefined);
test(said, ['--config', '--', 'a'], undefined);
