import test from 'ava';

import { didYouMean } from '../../src/shared/nearest.ts';

const names = ['perHost', 'retries', 'retryStatus', 'retryFailed', 'timeout', 'url', 'Straße', 'last name'];

const proposes = test.macro({
  exec: (t, wrong: string, expected: readonly string[]) => {
    const shown = expected.map((name) => JSON.stringify(name)).join(' or ');
    t.is(didYouMean(wrong, names), shown === '' ? '' : `; did you mean ${shown}?`);
  },
  title: (_, wrong: string) => `the names that ${JSON.stringify(wrong)} may stand for`,
});

test(proposes, 'perhots', ['perHost']);
test(proposes, 'per-host', ['perHost']);
test(proposes, 'PER_HOST', ['perHost']);
test(proposes, 'prehost', ['perHost']);
test(proposes, 'perHos', ['perHost']);
test(proposes, 'perHosts', ['perHost']);
test(proposes, 'timout', ['timeout']);
test(proposes, 'retry', ['retryStatus', 'retryFailed']);
test(proposes, 'ulr', ['url']);
test(proposes, 'ur', []);
test(proposes, 'strasse', ['Straße']);
test(proposes, 'lastname', ['last name']);
test(proposes, 'speed', []);
test(proposes, 'u', []);
test(proposes, '', []);
test(proposes, 'x', []);

test('a name is shown as its user would write it', (t) => {
  t.is(
    didYouMean('perhots', names, (name) => `--${name}`),
    '; did you mean --perHost?',
  );
});

test('at most three are named, the nearest first', (t) => {
  t.is(
    didYouMean('abcdef', ['abcxyf', 'abcdeg', 'abcdf', 'abcdex'], (name) => name),
    '; did you mean abcdeg or abcdf or abcdex?',
  );
});

test('a long text that is no name takes no long time', (t) => {
  t.is(didYouMean('x'.repeat(1e6), names), '');
});
