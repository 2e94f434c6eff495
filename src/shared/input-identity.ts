/** What a file of the input is known by when a run goes on. */
export interface InputIdentity {
  /** Absolute path; the name of what is no file. */
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtime: number;
  /** SHA-256 of its first 64 KiB. */
  readonly head: string;
}
