/** A file of the input, as it was when the run began. */
export interface InputIdentity {
  /** Absolute path. */
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtime: number;
  /** SHA-256 of its first 64 KiB. */
  readonly head: string;
}

/** What makes two runs runs of the same job: the rows of the one are those that the other would write. */
export interface JobIdentity {
  /** Of urlmill. */
  readonly version: string;
  readonly inputs: readonly InputIdentity[];
  /** Hashes of the options that shape the rows, by their flags: what an option says may be a secret. */
  readonly options: Readonly<Record<string, string>>;
}

/** In what two jobs differ, in words; null when they are the same. */
export function difference(earlier: JobIdentity, now: JobIdentity): string | null {
  if (minor(earlier.version) !== minor(now.version)) return `it was made by urlmill ${earlier.version}`;
  if (earlier.inputs.length !== now.inputs.length) return 'its input was another list of files';
  for (const [index, input] of now.inputs.entries()) {
    const before = earlier.inputs[index];
    if (before?.name !== input.name) return `its input was ${before?.name}`;
    if (before.size !== input.size || before.head !== input.head || before.mtime !== input.mtime) {
      return `${input.name} has changed since`;
    }
  }
  const flags = Object.keys({ ...earlier.options, ...now.options });
  const other = flags.filter((flag) => earlier.options[flag] !== now.options[flag]);
  return other.length === 0
    ? null
    : `it was made with another ${other.map((flag) => `--${flag}`).join(', ')}`;
}

/** Versions that differ in the last number write the same rows. */
function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
