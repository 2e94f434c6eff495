/** Identifies an input, so that a resumed run can tell whether it has changed. */
export interface InputIdentity {
  /** Absolute path of a file; the name of another source. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtime: number;
  /** SHA-256 of its first 64 KiB. */
  readonly head: string;
}
