import { readdir, readFile } from 'node:fs/promises';

/** Bytes of a process in memory, now and at its peak. */
export async function memoryOf(pid: number | undefined): Promise<{ rss: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { rss: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** Number of files, sockets and the like that a process has open. */
export async function openFilesOf(pid: number | undefined): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/**
 * Seconds of CPU used by the child processes of a process. Only their main threads are counted. NaN if the
 * kernel does not tell.
 */
export async function cpuOfChildren(pid: number | undefined): Promise<number> {
  try {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    const times = await Promise.all(
      children
        .trim()
        .split(' ')
        .map((child) => readFile(`/proc/${child}/schedstat`, 'utf8')),
    );
    return times.reduce((sum, line) => sum + Number(line.split(' ')[0]) / 1e9, 0);
  } catch {
    return Number.NaN;
  }
}
