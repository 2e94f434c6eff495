import type { InputIdentity } from '../shared/input-identity.ts';

/** Identifies a job: two runs with the same identity write the same rows, so that one can resume the other. */
export interface JobIdentity {
  /** The version of urlmill. */
  readonly version: string;
  readonly inputs: readonly InputIdentity[];
  /** Hashes of the options that shape the rows, by flag. Hashes, as values may be secrets. */
  readonly options: Readonly<Record<string, string>>;
  /**
   * Hashes of files that options name and that shape the rows, by flag; null for a pipe or the like, which cannot be read
   * twice. Missing in journals of earlier versions.
   */
  readonly contents?: Readonly<Record<string, string | null>>;
}

/**
 * How two jobs differ, in words for the user; null when they are the same.
 *
 * @param replaced the flag of an option whose file was replaced by the output of the earlier job; null: none
 */
export function difference(
  earlier: JobIdentity,
  now: JobIdentity,
  replaced: string | null = null,
): string | null {
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
  const contents = changed(earlier.contents, now.contents, replaced);
  return contents === '' ? null : `the file of ${contents} has changed since`;
}

/** The flags whose hashes differ. */
function changed(
  before: Readonly<Record<string, string | null>> = {},
  now: Readonly<Record<string, string | null>> = {},
  replaced: string | null = null,
): string {
  const flags = Object.keys({ ...before, ...now });
  return flags
    .filter((flag) => flag !== replaced && before[flag] !== now[flag])
    .map((flag) => `--${flag}`)
    .join(', ');
}

/** The version without its patch number: patch versions write the same rows. */
function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
