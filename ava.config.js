import process from 'node:process';

import { testGroups } from './dist/tools/test-groups.js';

// `npx ava dist/test/read/lines.test.js` runs only that file.
const named = process.argv.slice(2).some((arg) => arg.startsWith('dist/'));

export default {
  files: named ? ['dist/test/**/*.test.js'] : testGroups(),
  timeout: '10m',
  concurrency: 4,
  workerThreads: false,
};
