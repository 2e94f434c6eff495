/** The system calls that create an output, by the names that strace uses. */
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

/** `full`: the disk is full from this call on; the others affect one call only. */
export type Kind = 'kill' | 'ENOSPC' | 'EIO' | 'full';

/** Kills the process at the `nth` call of this kind in a run, or makes that call fail. */
export interface Fault {
  readonly kind: Kind;
  readonly call: Call;
  readonly nth: number;
}

/**
 * The faults that are tried in each call. Killing makes no difference at calls that only read, so it is left
 * out there.
 */
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

/** The series of faults for a run with these calls. @param choose picks some of a call's kinds of fault */
export function* series(
  made: ReadonlyMap<Call, number>,
  choose: (kinds: readonly Kind[]) => readonly Kind[],
): Generator<{ call: Call; kind: Kind; count: number }> {
  for (const call of calls) {
    const count = made.get(call) ?? 0;
    if (count > 0) for (const kind of choose(kindsOf[call])) yield { call, kind, count };
  }
}
