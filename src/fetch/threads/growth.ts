/**
 * How many looks in a row must find all engines busy before the first thread is added, and before each further
 * one. A thread takes seconds of CPU to get warm, which do not pay in a run that may be over by then.
 */
const firstLooks = 50;
const nextLooks = 20;

/** An engine is busy from this share of its time on. */
const busyShare = 0.85;

/** New hosts per look, on average, from which a thread is worth it: new connections cost most. */
const busyHosts = 10;

/**
 * When another engine is worth its thread: all that get new hosts have been busy for some time, and new hosts keep coming. The
 * requests of hosts that are known stay where they are, so no thread could take them over.
 */
export class Growth {
  #busyLooks = 0;
  /** New hosts in all of these looks together, as they come in waves. */
  #hosts = 0;

  /**
   * @param newHosts new hosts since the last look
   * @param loads of the engines that get new hosts, from 0 to 1
   * @param hasThreads whether there are threads already
   */
  look(newHosts: number, loads: readonly number[], hasThreads: boolean): boolean {
    const looks = hasThreads ? nextLooks : firstLooks;
    if (Math.min(...loads) < busyShare) return this.#begin();
    this.#busyLooks++;
    this.#hosts += newHosts;
    if (this.#busyLooks < looks) return false;
    const isWanted = this.#hosts >= looks * busyHosts;
    this.#begin();
    return isWanted;
  }

  #begin(): false {
    this.#busyLooks = 0;
    this.#hosts = 0;
    return false;
  }
}
