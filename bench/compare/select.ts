import { writeFileSync } from 'node:fs';

import { startChromium } from './chromium.ts';
import { answersOf, checks, folder } from './selector-checks.ts';
import type { Answers, Check } from './selector-checks.ts';

/**
 * Compares what our selectors find with what `querySelectorAll` finds in Chromium, for the pages and
 * selectors of fixtures/selectors/. `--write` saves Chromium's answers there, for a test that compares ours
 * with them.
 */

async function main(): Promise<boolean> {
  const { pipe, product, sessionId, close } = await startChromium('127.0.0.1:9');
  let all = 0;
  let differing = 0;
  const kept: Record<string, Answers> = {};
  for (const check of checks()) {
    const { result } = await pipe.send<{ result: { value: string } }>(
      'Runtime.evaluate',
      { expression: expressionOf(check) },
      sessionId,
    );
    const theirs = JSON.parse(result.value) as Answers;
    const ours = answersOf(check);
    kept[check.page] = theirs;
    for (const selector of check.selectors) {
      all++;
      if (JSON.stringify(ours[selector]) === JSON.stringify(theirs[selector])) continue;
      differing++;
      console.log(`${check.page}: ${selector}`);
      console.log(
        `  ours:   ${JSON.stringify(ours[selector])}\n  theirs: ${JSON.stringify(theirs[selector])}`,
      );
    }
  }
  await close();
  console.log(`${all} selectors, ours and ${product}: ${differing} differ`);
  if (process.argv.includes('--write')) {
    writeFileSync(
      new URL('chromium.json', folder),
      `${JSON.stringify({ product, answers: kept }, null, 1)}\n`,
    );
  }
  return differing === 0;
}

/** Evaluated in Chromium; DOMParser parses without scripts, as we do. */
function expressionOf({ html, type, selectors }: Check): string {
  return `(() => {
    const page = new DOMParser().parseFromString(${JSON.stringify(html)}, ${JSON.stringify(type)});
    const all = [...page.getElementsByTagName('*')];
    const found = (selector) => {
      try {
        return [...page.querySelectorAll(selector)].map((element) => all.indexOf(element) + ' ' + element.localName);
      } catch {
        return null;
      }
    };
    return JSON.stringify(Object.fromEntries(${JSON.stringify(selectors)}.map((selector) => [selector, found(selector)])));
  })()`;
}

if (!(await main())) process.exitCode = 1;
