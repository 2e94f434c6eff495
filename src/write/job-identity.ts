import type { InputIdentity } from '../shared/input-identity.ts';

/** What makes two runs runs of the same job: the rows of the one are those that the other would write. */
export interface JobIdentity {
  /** Of urlmill. */
  readonly version: string;
  readonly inputs: readonly InputIdentity[];
  /** Hashes of the options that shape the rows, by their flags: what an option says may be a secret. */
  readonly options: Readonly<Record<string, string>>;
  /**
   * Hashes of the files that options name and that shape the rows, by their flags; null: no file that stays. A journal
   * of an earlier version has none.
   */
  readonly contents?: Readonly<Record<string, string | null>>;
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
  const options = changed(earlier.options, now.options);
  if (options !== '') return `it was made with another ${options}`;
  const contents = changed(earlier.contents, now.contents);
  return contents === '' ? null : `the file of ${contents} has changed since`;
}

/** The flags whose hashes differ. */
function changed(
  before: Readonly<Record<string, string | null>> = {},
  now: Readonly<Record<string, string | null>> = {},
): string {
  const flags = Object.keys({ ...before, ...now });
  return flags
    .filter((flag) => before[flag] !== now[flag])
    .map((flag) => `--${flag}`)
    .join(', ');
}

/** Versions that differ in the last number write the same rows. */
function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
