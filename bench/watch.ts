import { text } from 'node:stream/consumers';
import { setInterval } from 'node:timers/promises';
import { exitOf, startChild } from './children.ts';
import { pinned } from './measure.ts';
import { memoryOf, openFilesOf } from './process-status.ts';

const sampleMs = 20;

export interface Watched {
  /** Highest value of all samples, in bytes. `openFiles` is the highest number too. */
  readonly peakRss: number;
  readonly openFiles: number;
}

/** Runs a command to its end, taking samples. @throws Error unless it exits with 0 */
export async function watch(command: readonly string[], cores: string): Promise<Watched> {
  const child = startChild(pinned(command, cores), { stdio: ['ignore', 'ignore', 'pipe'] });
  const complaint = child.stderr ? text(child.stderr) : Promise.resolve('');
  const exited = exitOf(child);
  let peakRss = 0;
  let openFiles = 0;
  for await (const _ of setInterval(sampleMs)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      const [memory, files] = await Promise.all([memoryOf(child.pid), openFilesOf(child.pid)]);
      // A process that is ending has no memory to report any more.
      if (memory.peak > peakRss) peakRss = memory.peak;
      openFiles = Math.max(openFiles, files);
    } catch {
      // It has ended meanwhile.
    }
  }
  const code = await exited;
  if (code !== 0) throw new Error(`${command.join(' ')}\nended with ${code}: ${await complaint}`);
  return { peakRss, openFiles };
}
