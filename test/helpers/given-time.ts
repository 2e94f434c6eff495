/**
 * Repeats a run that has a deadline, each time with a longer one, until everything expected came before the
 * deadline: how long that takes depends on how busy the machine is. Gives up after a run with more than 20 s.
 *
 * @param run gets the deadline in milliseconds
 * @param hasCome whether everything expected came in time
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
