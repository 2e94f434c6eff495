/**
 * Client errors that depend on the moment and not on the request: Request Timeout (RFC 9110, section 15.5.9), Too Early
 * (RFC 8470, section 5.2), Too Many Requests (RFC 6585, section 4).
 */
const momentary = [408, 425, 429];

/** Statuses of Cloudflare for a failure of the server behind it. */
const behindCloudflare = [520, 521, 522, 523, 524, 530];

const retried = new Set([...momentary, 500, 502, 503, 504, ...behindCloudflare]);

/** Whether a status is temporary. @param saysWhen whether the response has Retry-After */
export type MayPass = (status: number, saysWhen: boolean) => boolean;

/**
 * Whether another attempt in the same run may succeed. 413 is temporary with Retry-After (RFC 9110, section 15.5.14).
 */
export const mayPassSoon: MayPass = (status, saysWhen) => retried.has(status) || (status === 413 && saysWhen);

/** Whether a status is one of success (RFC 9110, section 15.3): its body is what was requested. */
export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Whether Retry-After is obeyed for this status. */
export function asksPatience(status: number | null): boolean {
  return status === 413 || status === 429 || status === 503;
}

/** Whether a later run may succeed: server errors get fixed, wrong requests stay wrong. */
export function mayPassLater(status: number): boolean {
  return status >= 500 || momentary.includes(status);
}

/** Whether a row counts as failed: for `--fail-on`, `--max-failures`, the figures of a run, and `--since`. */
export function hasFailed(status: number | null, error: string | null): boolean {
  return error !== null || (status ?? 0) >= 400;
}

/** Whether a row has its answer: no failure, and a status that a later run cannot be expected to improve. */
export function isAnswered(status: number | null, error: string | null): boolean {
  return error === null && status !== null && !mayPassLater(status);
}
