/**
 * Runs what has a deadline of its own with more and more time, until what must come before that deadline has come: how
 * long that takes depends on how busy the machine is. What never comes does not come in half a minute either.
 *
 * @param run is given its milliseconds
 * @param hasCome whether all came in time that should
 */
export async function givenTime<T>(
  run: (timeout: number) => Promise<T>,
  hasCome: (outcome: T) => boolean,
): Promise<T> {
  for (let timeout = 400; ; timeout *= 4) {
    const outcome = await run(timeout);
    if (hasCome(outcome) || timeout > 20_000) return outcome;
  }
}
