/**
 * Client errors that depend on the moment and not on the request: Request Timeout (RFC 9110, section 15.5.9), Too Early
 * (RFC 8470, section 5.2), Too Many Requests (RFC 6585, section 4).
 */
const momentary = [408, 425, 429];

/** Cloudflare's, for a server behind it that does not answer it as it should. */
const behindCloudflare = [520, 521, 522, 523, 524, 530];

const retried = new Set([...momentary, 500, 502, 503, 504, ...behindCloudflare]);

/** Which statuses may pass, and whether they say when (Retry-After). */
export type MayPass = (status: number, saysWhen: boolean) => boolean;

/**
 * Whether the same request may bring something better within the same run. 413 may where it says when (RFC 9110,
 * section 15.5.14).
 */
export const mayPassSoon: MayPass = (status, saysWhen) => retried.has(status) || (status === 413 && saysWhen);

/** Whether it is obeyed when a status says how long to wait. */
export function asksPatience(status: number | null): boolean {
  return status === 413 || status === 429 || status === 503;
}

/** Whether a later run may succeed: server errors get fixed, wrong requests stay wrong. */
export function mayPassLater(status: number): boolean {
  return status >= 500 || momentary.includes(status);
}
