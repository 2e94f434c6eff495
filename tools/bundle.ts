/**
 * Writes dist/command: the command and its libraries in a few files, as Node takes 0.5 ms to load each of
 * some 200. Modules that an option loads by `import()` stay separate files, loaded only when needed.
 */
import { rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

import { bundlePage } from './bundle-page.ts';

/**
 * The command, and the files it starts as threads: `new Worker(new URL('./thread.js', import.meta.url))`.
 * Each group is bundled separately: otherwise the code they share would be split off into more files, which
 * all of them would have to load. main.js imports command.js, which is an entry point of its own only to get
 * a fixed name for test/helpers/command-host.ts.
 */
const entryPoints = [
  ['dist/src/cli/main.js', 'dist/src/cli/command.js'],
  ['dist/src/process/threads/thread.js'],
  ['dist/src/fetch/threads/engine-thread.js'],
];

/**
 * Keeps errors.js out of the bundle: a user's module that imports urlmill must throw the very classes that
 * the command catches.
 */
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

/** The files of the sub-commands, which cli/commands.ts imports. */
const ofCommands: string[] = [];

/**
 * Sub-commands are bundled separately: otherwise the code they share with a run would be split off into more
 * files for the run to load.
 */
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
  // All files go into one folder, so that `./thread.js` can be found from any of them.
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Installed only by those who run on many machines.
  external: ['bullmq', 'ioredis'],
  // CommonJS libraries call `require`, which ES modules lack.
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
