/** A process or thread of its own that takes a lock and says so, or why not; for tests that stop or kill it. */
import { lockOutput } from '../../src/shared/lock.ts';

const [what, path = '', platform = process.platform] = process.argv.slice(2);

// What is done on another system can be tried on this one.
Object.defineProperty(process, 'platform', { value: platform });

const said = await lockOutput(path).then(
  () => 'locked',
  (error: unknown) => String(error),
);
process.stdout.write(`${said}\n`);
if (what === 'stay') setInterval(() => {}, 60_000);
