/**
 * Client errors that depend on the moment and not on the request: Request Timeout (RFC 9110, section 15.5.9), Too Early
 * (RFC 8470, section 5.2), Too Many Requests (RFC 6585, section 4).
 */
const momentary = [408, 425, 429];

const retried = new Set([...momentary, 500, 502, 503, 504]);

/** Whether another attempt in the same run may succeed. */
export function mayPassSoon(status: number): boolean {
  return retried.has(status);
}

/** Whether a later run may succeed: server errors get fixed, wrong requests stay wrong. */
export function mayPassLater(status: number): boolean {
  return status >= 500 || momentary.includes(status);
}
