#!/usr/bin/env node
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

import { errorCode, systemReason } from '../shared/errors.ts';
import { requiredNode, version } from '../shared/version.ts';
import { exitCodes } from './exit-codes.ts';
import { lastSaid } from './last-said.ts';
import { isSupported } from './node-version.ts';
import { keepDebuggerClosed } from './signals.ts';
import { boundYoungGeneration } from './young-generation.ts';

keepDebuggerClosed();

// Node 22.8 and later can keep compiled code between runs.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

/**
 * - Without the first flag, rows that wait at the start of a list make V8 allocate all later rows in old memory, where they stay
 *   until it is full: 100,000 rows take 250 MB instead of 100.
 * - With the second, old memory may grow to twice the live data in it, instead of four times.
 */
const flags = ['no-allocation-site-pretenuring', 'heap-growing-percent=100'];

// A later Node may not know a flag, and would print an error.
if (Number.parseInt(process.versions.node) <= 26) {
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  boundYoungGeneration();
}

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // As in command.ts: a reader that has closed the pipe wants no more.
  process.stdout.on('error', (error) => {
    if (errorCode(error) === 'EPIPE') return;
    process.stderr.write(`urlmill: standard output: cannot be written: ${systemReason(error)}\n`);
    process.exitCode = exitCodes.output.code;
  });
  process.stdout.write(`${version}\n`);
} else if (!isSupported(process.versions.node, requiredNode)) {
  // Checked before the rest is loaded, whose imports fail on an old Node as if by a bug.
  const message = `needs Node ${requiredNode}, and this is ${process.versions.node}`;
  const { code: exitCode } = exitCodes.usage;
  // The same form as in watch/log.ts.
  const entry = { time: new Date().toISOString(), level: 'error', event: 'error', message, exitCode };
  const isJson = (lastSaid(argv, 'log-format') ?? process.env['URLMILL_LOG_FORMAT']) === 'json';
  process.stderr.write(`${isJson ? JSON.stringify(entry) : `urlmill: ${message}`}\n`);
  process.exitCode = exitCode;
} else {
  const { command } = await import('./command.ts');
  await command(argv);
}
