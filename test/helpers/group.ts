import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { ExecutionContext } from 'ava';

/**
 * Lets several test files share one process of AVA: their tests are declared under the names of their files, and only
 * so many run at one time as in one file that has few. tools/test-groups.ts writes the files that import this.
 */

type Run = (t: ExecutionContext, ...args: readonly unknown[]) => unknown;
type Macro = Run | { readonly exec: Run; readonly title?: (...args: readonly unknown[]) => unknown };
type Chain = Record<string, unknown> & ((...args: readonly unknown[]) => void);

/** What AVA exports is read from here when it is imported for the first time, which is later. */
const require = createRequire(import.meta.url);
const state = join(dirname(require.resolve('ava')), '../lib/worker/state.cjs');
const { refs } = require(state) as { readonly refs: { runnerChain: Chain } };

let file = '';
let declarations: (() => void)[] = [];
let most = 1;
let running = 0;
const waiting: (() => void)[] = [];

refs.runnerChain = declaring(refs.runnerChain);

/**
 * Declares the tests of these files. AVA wants all at one time, whatever the files wait for while they load.
 *
 * @param atOnce how many of the tests run at one time, those that are serial not counted
 */
export async function group(
  files: Readonly<Record<string, () => Promise<unknown>>>,
  atOnce: number,
): Promise<void> {
  most = atOnce;
  for (const [name, load] of Object.entries(files)) {
    file = name;
    await load();
  }
  for (const declare of declarations) declare();
  declarations = [];
}

/** `test` and what hangs on it: their declarations wait; what a test is given is changed, what a hook is given is not. */
function declaring(chain: Chain, change = inFile): Chain {
  return new Proxy(chain, {
    apply(target, _self, args: readonly unknown[]) {
      const name = file;
      declarations.push(() => target(...change(name, args)));
    },
    get(target, property: string) {
      const value = target[property];
      if (property === 'macro' || typeof value !== 'function') return value;
      return declaring(value as Chain, /^(?:before|after)/.test(property) ? unchanged : change);
    },
  });
}

function unchanged(_name: string, args: readonly unknown[]): readonly unknown[] {
  return args;
}

/** The arguments of a test: perhaps its title, the test or a macro, and what the macro is given. */
function inFile(name: string, args: readonly unknown[]): readonly unknown[] {
  const at = typeof args[0] === 'string' ? 1 : 0;
  return args.with(at, macroIn(name, args[at] as Macro));
}

function macroIn(name: string, macro: Macro): Macro {
  const { exec, title } = typeof macro === 'function' ? { exec: macro } : macro;
  return {
    exec: async (t, ...args) => {
      await turn();
      // What is torn down last.
      t.teardown(leave);
      return exec(t, ...args);
    },
    title: (own, ...args) => `${name} › ${String(title?.(own, ...args) ?? own)}`,
  };
}

async function turn(): Promise<void> {
  if (running < most) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
}

/** The next test has the turn of this one. */
function leave(): void {
  const next = waiting.shift();
  if (next === undefined) running--;
  else next();
}
