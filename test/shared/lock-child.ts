/** A process or thread that takes a lock and prints `locked` or the error; for tests that stop or kill it. */
import { lockOutput } from '../../src/shared/lock.ts';

const [what, path = '', platform = process.platform] = process.argv.slice(2);

// Lets the code for another system be tested on this one.
Object.defineProperty(process, 'platform', { value: platform });

const said = await lockOutput(path).then(
  () => 'locked',
  (error: unknown) => String(error),
);
process.stdout.write(`${said}\n`);
if (what === 'stay') setInterval(() => {}, 60_000);
