import test from 'ava';

import { parseArguments } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/shared/errors.ts';
import { urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Options that do not exist yet are refused: accepted silently, they would promise what they do not do. */
const unknown = test.macro({
  exec: (t, args: readonly string[]) => {
    t.throws(() => parseArguments([...args, 'urls.csv']), {
      instanceOf: UsageError,
      message: `${args[0]}: there is no such option; urlmill --help lists them`,
    });
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} does not exist yet`,
});

test(unknown, ['--follow-links', '3']);

test('the command ends with code 2 for an option that does not exist yet, before any request', async (t) => {
  const cwd = await temporaryFolder(t, { 'urls.txt': 'http://127.0.0.1:1/\n' });
  const { code, stdout, stderr } = await urlmill(['--follow-links', '3', 'urls.txt'], { cwd });
  t.is(stderr, 'urlmill: --follow-links: there is no such option; urlmill --help lists them\n');
  t.is(stdout, '');
  t.is(code, 2);
});
