import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';

import { messageWithPlace, ownPlace } from '../../src/shared/own-place.ts';

/** An error with these lines of the stack, below its message. */
function errorWith(message: string, lines: readonly string[], above = ''): Error {
  const error = new Error(message);
  error.stack = [`${above}Error: ${message}`, ...lines.map((line) => `    at ${line}`)].join('\n');
  return error;
}

const here = pathToFileURL(join(process.cwd(), 'lib', 'm.mjs')).href;
const ours = new URL('../../src/page/processing.js', import.meta.url).href;

const found = test.macro({
  exec: (t, lines: readonly string[], place: string | null) => t.is(ownPlace(errorWith('bad', lines)), place),
  title: (what) => `the innermost place of the user's own code: ${what}`,
});

test('of a function', found, [`Object.process (${here}:3:7)`, `other (${here}:9:9)`], 'lib/m.mjs:3:7');
test('of a module', found, [`${here}:3:7`], 'lib/m.mjs:3:7');
test('of an async function', found, [`async process (${here}:3:7)`], 'lib/m.mjs:3:7');
test('behind an await', found, [`async ${here}:3:7`], 'lib/m.mjs:3:7');
test('of CommonJS', found, ['f (/other/m.cjs:3:7)'], '/other/m.cjs:3:7');
test('elsewhere', found, ['f (file:///other/a%20(b)/m.mjs:3:7)'], '/other/a (b)/m.mjs:3:7');
test(
  'called by a package',
  found,
  ['f (file:///x/node_modules/p/i.js:1:1)', `g (${here}:3:7)`],
  'lib/m.mjs:3:7',
);
test('called by Node', found, ['JSON.parse (<anonymous>)', `g (${here}:3:7)`], 'lib/m.mjs:3:7');
test('not our own', found, [`failedBy (${ours}:3:7)`, 'node:internal/x:1:1'], null);
test('none', found, [], null);

test('a message that looks like a stack is not believed', (t) => {
  const message = 'bad\n    at f (file:///etc/evil.mjs:1:1)\nfile:///etc/evil.mjs:1';
  t.is(messageWithPlace(errorWith(message, [`g (${here}:3:7)`])), `${message} (lib/m.mjs:3:7)`);
  t.is(messageWithPlace(errorWith(message, [])), message);
});

test('a fault in the syntax stands above', (t) => {
  t.is(ownPlace(errorWith('bad', [], `${here}:3\nfoo bar\n    ^^^\n`)), 'lib/m.mjs:3');
});

test('what is no error is its text', (t) => {
  t.is(messageWithPlace('bad'), 'bad');
  t.is(messageWithPlace(null), 'null');
});
