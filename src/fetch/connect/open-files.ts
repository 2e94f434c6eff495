import { readFileSync } from 'node:fs';

/**
 * How many files and sockets this process may open: its soft limit (`ulimit -n`); null when it is unlimited or unknown
 * (Windows). Node raises the soft limit to the hard one when it starts, so a user must lower the hard limit; `ulimit -Sn`
 * alone changes nothing.
 *
 * @param file with the limits on Linux. Reading it takes 0.3 ms; Node's report, used on other systems, takes 4 ms
 */
export function openFilesLimit(file = '/proc/self/limits'): number | null {
  const soft = systemLimit(file) ?? reportedLimit();
  return soft === null || !/^\d+$/.test(soft) ? null : Number(soft);
}

function systemLimit(file: string): string | null {
  try {
    return /^Max open files\s+(\S+)/m.exec(readFileSync(file, 'latin1'))?.[1] ?? null;
  } catch {
    return null;
  }
}

interface Report {
  readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } };
}

function reportedLimit(): string | null {
  const { userLimits } = process.report.getReport() as Report;
  const soft = userLimits?.open_files?.soft;
  return soft === undefined ? null : String(soft);
}

/** Files and sockets for everything but requests: Node opens some 20, then there are input, output, modules and DNS. */
const others = 64;
/** From this limit on, a quarter of it is for requests, even if `others` would leave less. */
const leastShared = 64;

/**
 * How many sockets requests may open under this limit. All else is left a tenth of it, but at least 64, or
 * three quarters of a limit from 64 to 85. The result is at least 1, so that a run works under any limit;
 * Infinity without a limit.
 */
export function socketBudget(limit: number | null): number {
  if (limit === null) return Infinity;
  const least = limit < leastShared ? others : Math.min(others, limit * 0.75);
  return Math.max(1, Math.floor(limit - Math.max(least, Math.ceil(limit / 10))));
}

/** How many requests may run at once, and how many idle connections may stay open, under a limit of open files. */
export function socketShares(
  concurrency: number,
  limit: number | null,
): { slots: number; idleConnections: number } {
  const sockets = socketBudget(limit);
  const slots = Math.min(concurrency, Math.max(1, Math.floor(sockets * 0.75)));
  return { slots, idleConnections: Math.max(1, Math.min(concurrency, sockets - slots)) };
}
