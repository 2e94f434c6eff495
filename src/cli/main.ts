#!/usr/bin/env node
import module from 'node:module';

// Node 22.8 and later keep compiled code between runs; what is not known to 20 is not called there.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

const argv = process.argv.slice(2);

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { version } = await import('../shared/version.ts');
  process.stdout.write(`${version}\n`);
} else {
  const { command } = await import('./command.ts');
  await command(argv);
}
