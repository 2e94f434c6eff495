/** Limits how many tasks run at once. The others wait in order. */
export class Turns {
  readonly #most: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) this.#taken++;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      // The next task takes over the place.
      const begin = this.#waiting.shift();
      if (begin === undefined) this.#taken--;
      else begin();
    }
  }
}
