/** The system calls by which an output comes about, as strace calls them. */
export const calls = [
  'openat',
  'statx',
  'read',
  'pwrite64',
  'fdatasync',
  'fsync',
  'ftruncate',
  'rename',
  'unlink',
  'close',
] as const;

export type Call = (typeof calls)[number];

/** `full`: the disk is full from this call on, and not for this one only. */
export type Kind = 'kill' | 'ENOSPC' | 'EIO' | 'full';

/** Instead of the `nth` call of its kind in a run the process is killed, or the call fails. */
export interface Fault {
  readonly kind: Kind;
  readonly call: Call;
  readonly nth: number;
}

/** Which faults there are in which calls. A kill changes nothing for calls that only look. */
const kindsOf: Readonly<Record<Call, readonly Kind[]>> = {
  openat: ['kill', 'ENOSPC', 'EIO'],
  statx: ['EIO'],
  read: ['EIO'],
  pwrite64: ['kill', 'ENOSPC', 'EIO', 'full'],
  fdatasync: ['kill', 'ENOSPC', 'EIO'],
  fsync: ['kill', 'ENOSPC', 'EIO'],
  ftruncate: ['kill', 'ENOSPC', 'EIO'],
  rename: ['kill', 'ENOSPC', 'EIO'],
  unlink: ['kill', 'ENOSPC', 'EIO'],
  close: ['kill', 'EIO'],
};

/** Those there are in a run that makes so many calls. @param choose leaves out some kinds of a call */
export function* series(
  made: ReadonlyMap<Call, number>,
  choose: (kinds: readonly Kind[]) => readonly Kind[],
): Generator<{ call: Call; kind: Kind; count: number }> {
  for (const call of calls) {
    const count = made.get(call) ?? 0;
    if (count > 0) for (const kind of choose(kindsOf[call])) yield { call, kind, count };
  }
}
