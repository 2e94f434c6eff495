import { readFileSync } from 'node:fs';

/**
 * How many files and sockets this process may have open, its soft limit (`ulimit -n`); null when there is none or
 * none is known (Windows). Node raises the soft limit to the hard one when it starts, so `ulimit -Sn` alone changes
 * nothing: what a user lowers must be the hard limit.
 *
 * @param file where Linux says it; reading it takes 0.3 ms, Node's report, used elsewhere, 4 ms
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

/** Node itself has some 20 open; then there are input, output, files of a user's module, and look-ups of names. */
const others = 64;

/**
 * How many sockets may be open at once under such a limit. A tenth of it, and at least 64, is left for what else a
 * run opens. At least 1, so that a run under any limit goes on; Infinity without a limit.
 */
export function socketBudget(limit: number | null): number {
  if (limit === null) return Infinity;
  return Math.max(1, limit - Math.max(others, Math.ceil(limit / 10)));
}

/** How many requests run at once, and how many connections may wait for more of them, under a limit of open files. */
export function socketShares(
  concurrency: number,
  limit: number | null,
): { slots: number; idleConnections: number } {
  const sockets = socketBudget(limit);
  const slots = Math.min(concurrency, Math.max(1, Math.floor(sockets * 0.75)));
  return { slots, idleConnections: Math.max(1, Math.min(concurrency, sockets - slots)) };
}
