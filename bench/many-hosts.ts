/** What the names of hosts end with, `h1.bench.test`; servers/names.ts knows them. */
export const domain = 'bench.test';

/** The address of host number `n`: a million of them, all this machine's own, as everything in 127.0.0.0/8 is. */
export const addressOf = (n: number): string => `127.1.${n >> 8}.${n & 255}`;

/**
 * Milliseconds that a host takes to answer, 20 to 200 by a hash (FNV-1a) of its name: the same on every run, and
 * known to the server and to who works out how long a list must take.
 */
export function latencyOf(host: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(host)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return 20 + ((hash >>> 0) % 181);
}
