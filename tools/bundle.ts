/**
 * Writes dist/command: the command and its libraries in a few files, as Node takes 0.5 ms to load each of some 200.
 * What an option asks for by `import()` is a file of its own and is loaded only then.
 */
import { rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

import { bundlePage } from './bundle-page.ts';

/**
 * The command, and the files that it starts as threads: `new Worker(new URL('./thread.js', import.meta.url))`. Each is bundled by itself:
 * what they share would be cut into more files, which all of them had to load. main.js imports command.js, which is
 * named here so that it has a name for test/helpers/command-host.ts.
 */
const entryPoints = [
  ['dist/src/cli/main.js', 'dist/src/cli/command.js'],
  ['dist/src/process/threads/thread.js'],
  ['dist/src/fetch/threads/engine-thread.js'],
];

/** A user's module that imports urlmill throws the same classes that the command catches. */
const sharedErrors: Plugin = {
  name: 'shared-errors',
  setup(bundler) {
    bundler.onResolve({ filter: /\/errors\.js$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === resolve('dist/src/shared/errors.js')
        ? { path: '../src/shared/errors.js', external: true }
        : null,
    );
  },
};

/** The files that cli/commands.ts imports for its sub-commands. */
const ofCommands: string[] = [];

/** Sub-commands are bundled by themselves: what they share with a run would be cut into more files, which it had to load. */
const apart: Plugin = {
  name: 'sub-commands-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /\.js$/ }, ({ kind, importer, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || importer !== resolve('dist/src/cli/commands.js')) return null;
      ofCommands.push(resolve(resolveDir, path));
      return { path: `./${basename(path)}`, external: true };
    });
  },
};

const settings = {
  outdir: 'dist/command',
  // One folder, so that `./thread.js` is beside whichever file names it.
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Only those who work on many machines install them.
  external: ['bullmq', 'ioredis'],
  // For the libraries that are CommonJS.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module';\nconst require = createBundleRequire(import.meta.url);",
  },
  logLevel: 'warning',
} satisfies BuildOptions;

rmSync('dist/command', { recursive: true, force: true });
for (const together of entryPoints)
  await build({ ...settings, entryPoints: together, plugins: [sharedErrors, apart] });
await build({ ...settings, entryPoints: ofCommands, plugins: [sharedErrors] });
await bundlePage(['dist/command', 'dist/src/report']);
