import type { HostPause } from '../../fetch/schedule/host-pauses.ts';

/** A pause is told again if it ends more than this many milliseconds later than was told. */
const slack = 500;

/** Passes on the pauses of hosts, each once, to the workers that have their lanes next. */
export class ToldPauses {
  readonly #laneOf: (host: string) => number;
  readonly #tell: (lane: number, pauses: readonly HostPause[]) => Promise<unknown>;
  /** Until when each host's pause was told to last, on the clock of `performance.now()`. */
  readonly #told = new Map<string, number>();

  constructor(
    laneOf: (host: string) => number,
    tell: (lane: number, pauses: readonly HostPause[]) => Promise<unknown>,
  ) {
    this.#laneOf = laneOf;
    this.#tell = tell;
  }

  async tell(pauses: readonly HostPause[]): Promise<void> {
    const now = performance.now();
    const byLane = new Map<number, HostPause[]>();
    for (const pause of pauses) {
      const until = now + pause.milliseconds;
      if (until <= (this.#told.get(pause.host) ?? 0) + slack) continue;
      this.#told.set(pause.host, until);
      const lane = this.#laneOf(pause.host);
      byLane.set(lane, [...(byLane.get(lane) ?? []), pause]);
    }
    for (const [host, until] of this.#told) if (until < now) this.#told.delete(host);
    await Promise.all([...byLane].map(async ([lane, ofLane]) => this.#tell(lane, ofLane)));
  }
}
