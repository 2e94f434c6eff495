/** Domain of the hosts, as in `h1.bench.test`; servers/names.ts resolves them. */
export const domain = 'bench.test';

/**
 * The address of host number `n`. There is room for some 65,000 of them; all of 127.0.0.0/8 is this machine.
 */
export const addressOf = (n: number): string => `127.1.${n >> 8}.${n & 255}`;

/**
 * Milliseconds that a host takes to answer: 20 to 200, by a hash (FNV-1a) of its name. It is the same in
 * every run, and known to the server and to the calculation of how long a list must take.
 */
export function latencyOf(host: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of Buffer.from(host)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return 20 + ((hash >>> 0) % 181);
}
