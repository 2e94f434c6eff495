import type { Redis } from 'ioredis';

/** A host that is not to be asked for a while, as `HostPauses` has it. */
export interface LanePause {
  readonly host: string;
  /** Milliseconds from now on. */
  readonly milliseconds: number;
  readonly isDown: boolean;
}

/**
 * Keeps the pauses of hosts, by lane, for the worker that has the lane next. Redis measures the time, so that no
 * clocks of two machines are compared, and forgets a lane's pauses when the last one is over.
 */
export class LanePauses {
  readonly #redis: Redis;
  readonly #keyOf: (lane: number) => string;

  constructor(redis: Redis, keyOf: (lane: number) => string) {
    this.#redis = redis;
    this.#keyOf = keyOf;
  }

  async tell(lane: number, pauses: readonly LanePause[]): Promise<void> {
    const words = pauses.flatMap(({ host, milliseconds, isDown }) => [
      Math.ceil(milliseconds),
      JSON.stringify({ host, isDown }),
    ]);
    await this.#redis.eval(tellScript, 1, this.#keyOf(lane), ...words);
  }

  async of(lane: number): Promise<LanePause[]> {
    const told = (await this.#redis.eval(askScript, 1, this.#keyOf(lane))) as string[];
    return told.flatMap((member, index) => {
      if (index % 2 === 1) return [];
      const { host, isDown } = JSON.parse(member) as { host: string; isDown: boolean };
      return [{ host, isDown, milliseconds: Number(told[index + 1]) }];
    });
  }
}

const nowScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: pairs of milliseconds and member. A pause is never made shorter. */
const tellScript = `${nowScript}
for i = 1, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'GT', now + ARGV[i], ARGV[i + 1]) end
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2])) end
`;

/** @returns pairs of a member and the milliseconds that are left */
const askScript = `${nowScript}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #all, 2 do all[i] = string.format('%.0f', all[i] - now) end
return all
`;
