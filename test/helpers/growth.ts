/**
 * How many times as much CPU something takes for eight times as much: about 8 where its cost is linear, 64 where it is
 * quadratic. The two take turns and the cheapest run of each counts, so that nothing else on the machine decides. Other
 * tests of the process would count too: `test.serial`.
 *
 * @param run does its work on an input of this size, a millisecond of it at least for `size`
 */
export async function growth(size: number, run: (size: number) => unknown): Promise<number> {
  let [small, large] = [Infinity, Infinity];
  for (let round = 0; round < 5; round++) {
    small = Math.min(small, await cost(run, size));
    large = Math.min(large, await cost(run, 8 * size));
  }
  return large / small;
}

/** Anything between linear and quadratic: the cost of one of eight is too small to be exact. */
export const notQuadratic = 24;

async function cost(run: (size: number) => unknown, size: number): Promise<number> {
  const before = process.cpuUsage();
  await run(size);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
