/**
 * How many times as much CPU a function takes for eight times as much: about 8 where its cost is linear, 64 where it is
 * quadratic. The two take turns and the cheapest run of each counts, so that nothing else on the machine decides.
 *
 * @param run does its work on an input of this size, some milliseconds of it at least for `size`
 */
export function growth(size: number, run: (size: number) => void): number {
  let [small, large] = [Infinity, Infinity];
  for (let round = 0; round < 5; round++) {
    small = Math.min(
      small,
      cost(() => run(size)),
    );
    large = Math.min(
      large,
      cost(() => run(8 * size)),
    );
  }
  return large / small;
}

/** Anything between linear and quadratic: the cost of one of eight is too small to be exact. */
export const notQuadratic = 24;

function cost(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
