/**
 * Promises for conditions that will hold at some time. Whoever changes something calls `check` to test them
 * again.
 */
export class Conditions {
  readonly #waiting = new Set<() => void>();

  check(): void {
    for (const look of this.#waiting) look();
  }

  async until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
