/** RFC 9110, section 9.2.2 */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether sending the request twice does no more than sending it once. */
export function isIdempotent(method: string): boolean {
  return idempotent.has(method);
}
