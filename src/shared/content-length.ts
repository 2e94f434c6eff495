/** Methods whose requests say how long their body is even if there is none (RFC 9110, section 8.6). */
const wantsLength = /^(?:PATCH|POST|PROPFIND|PROPPATCH|PUT|QUERY)$/;

/** Whether a request with a body of this size has a Content-Length. */
export function saysLength(method: string, bytes: number): boolean {
  return bytes > 0 || wantsLength.test(method);
}
