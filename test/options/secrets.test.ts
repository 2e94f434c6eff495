import { join } from 'node:path';

import test from 'ava';

import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { UsageError } from '../../src/shared/errors.ts';
import { ConfigFile } from '../../src/options/config-file.ts';
import { environmentLayer, libraryLayer, readSaid, resolveOptions } from '../../src/options/resolve.ts';
import { requestOptions } from '../../src/options/table.ts';

/** A header value is often a credential, so no message about a wrong one may show it. */
const secret = 's3cret';

const header = test.macro((t, said: unknown, told: string) => {
  const ways = [
    () => resolveOptions([libraryLayer({ header: said })]),
    () => readSaid(requestOptions, { header: said as readonly string[] }),
  ];
  for (const way of ways) {
    const error = t.throws(way, { instanceOf: UsageError });
    t.false(error.message.includes(secret), error.message);
    t.true(error.message.includes(told), error.message);
  }
});

test('a header without a name does not show', header, [`Bearer ${secret}`], 'header: a header "Name: value"');
test(
  'a header whose name is wrong does not show',
  header,
  [`My Key: ${secret}`],
  'header: a header "Name: value"',
);
test('a header of the framing does not show', header, [`Upgrade: ${secret}`], 'the header Upgrade is set');
test(
  'a header with a line end does not show',
  header,
  [`Auth: ${secret}\n`],
  'the header Auth holds a control',
);
test('one header among good ones does not show', header, ['A: 1', secret], 'header: a header "Name: value"');
test('an object of headers does not show', header, { Authorization: secret }, 'header: text is needed');
test('a pair in a list does not show', header, [['Authorization', secret]], 'header: text is needed');
test(
  'an object in a list does not show',
  header,
  ['A: 1', { Authorization: secret }],
  'header: text is needed',
);

test('a header of the environment does not show', (t) => {
  const layer = environmentLayer({ URLMILL_HEADER: `A: 1\nBearer ${secret}` });
  t.throws(() => resolveOptions([layer]), {
    instanceOf: UsageError,
    message: 'URLMILL_HEADER: a header "Name: value" or @FILE is needed',
  });
});

const config = test.macro(async (t, content: string) => {
  const path = join(await temporaryFolder(t, { 'job.json': content }), 'job.json');
  const error = t.throws(() => resolveOptions([new ConfigFile(path).layer()]), { instanceOf: UsageError });
  t.false(error.message.includes(secret), error.message);
  t.true(error.message.includes(path), error.message);
});

test('a header without a colon in a file does not show', config, `{"header": ["Bearer ${secret}"]}`);
test('an object of headers in a file does not show', config, `{"header": {"Authorization": "${secret}"}}`);
test('a header without quotes in a file does not show', config, `{"header": [${secret}]}`);
test('a header with a quote too few in a file does not show', config, `{"header": [A: ${secret}"]}`);
test('a header with a comma too few in a file does not show', config, `{"header": ["A: 1" "B: ${secret}"]}`);
test('a file that breaks off within a header does not show it', config, `{"header": ["A: ${secret}`);
