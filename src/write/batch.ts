/** A piece of the output that consists of whole rows. */
export interface Batch {
  /** Where it ends in the output, in bytes from the start. */
  readonly end: number;
  /** Numbers of the rows in it. */
  readonly rows: readonly number[];
  /** The figures of the run when it was made, as JSON. */
  readonly figures: unknown;
}

/** Batches that the system has not taken yet, in order. */
export class BatchQueue {
  #batches: Batch[] = [];

  push(batch: Batch): void {
    this.#batches.push(batch);
  }

  /** Removes the batches that lie within the first `bytes` of the output, and joins them; null when there are none. */
  take(bytes: number): Batch | null {
    const next = this.#batches.findIndex(({ end }) => end > bytes);
    const taken = this.#batches.splice(0, next === -1 ? this.#batches.length : next);
    return taken.reduce<Batch | null>(joined, null);
  }
}

export function joined(first: Batch | null, second: Batch): Batch {
  return first === null ? second : { ...second, rows: [...first.rows, ...second.rows] };
}
