import { readFileSync } from 'node:fs';
import test from 'ava';

import { answersOf, checks, folder } from '../../bench/compare/selector-checks.ts';
import type { Answers } from '../../bench/compare/selector-checks.ts';

/** Chromium's answers, written by bench/compare/select.ts. */
const { answers } = JSON.parse(readFileSync(new URL('chromium.json', folder), 'utf8')) as {
  readonly answers: Readonly<Record<string, Answers>>;
};

for (const check of checks()) {
  test(check.page, (t) => {
    t.deepEqual(answersOf(check), answers[check.page]);
  });
}
