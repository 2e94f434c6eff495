import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { ExecutionContext } from 'ava';

/**
 * Lets several test files share one AVA process. Test titles are prefixed with the file's name, and no more
 * tests run at a time than in a single file. tools/test-groups.ts writes the files that import this one.
 */

type Run = (t: ExecutionContext, ...args: readonly unknown[]) => unknown;
type Macro = Run | { readonly exec: Run; readonly title?: (...args: readonly unknown[]) => unknown };
type Chain = Record<string, unknown> & ((...args: readonly unknown[]) => void);

/**
 * AVA's main module exports this chain when it is first imported, so it must be replaced here before any test
 * file does so.
 */
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
 * Declares the tests of these files. AVA demands that all tests be declared in one go, but loading the files
 * is asynchronous, so their declarations are collected first.
 *
 * @param atOnce most tests that run at a time, apart from serial ones
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

/**
 * Wraps `test` and its methods to postpone each declaration. Tests are also changed by `change`; hooks are
 * not.
 */
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

/** The arguments of a test: an optional title, the implementation or a macro, and the macro's arguments. */
function inFile(name: string, args: readonly unknown[]): readonly unknown[] {
  const at = typeof args[0] === 'string' ? 1 : 0;
  return args.with(at, macroIn(name, args[at] as Macro));
}

function macroIn(name: string, macro: Macro): Macro {
  const { exec, title } = typeof macro === 'function' ? { exec: macro } : macro;
  return {
    exec: async (t, ...args) => {
      await turn();
      // AVA runs teardowns in reverse order, so the first one registered runs last.
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

/** Passes this test's turn on to the next one. */
function leave(): void {
  const next = waiting.shift();
  if (next === undefined) running--;
  else next();
}
