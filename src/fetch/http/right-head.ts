import { token } from '../../shared/http-token.ts';
import { framingOf } from './framing.ts';
import type { ReplyHead } from './reply-head.ts';
import { withoutBlanks } from './trim.ts';

/** Characters that neither a field nor the reason may hold (RFC 9110, section 5.5), and a CR that ends no line. */
// oxlint-disable-next-line no-control-regex
const wrong = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;

const statusLine = /^HTTP\/(0\.9|1\.0|1\.1|2\.0) (\d{3})(?: (.*))?$/;

const cr = 0x0d;

/**
 * Reads a head as RFC 9112 has it.
 *
 * @param text from the start of its status line to the end of the empty line behind it, a character per byte
 * @param isStrict whether a body with `chunked` before its last coding is read to the end of its connection, as
 *   RFC 9112 says; browsers read its chunks
 * @returns null for any other head
 */
export function rightHead(text: string, isStrict: boolean): ReplyHead | null {
  let end = text.indexOf('\n');
  if (text.charCodeAt(end - 1) !== cr || wrong.test(text)) return null;
  const [, version = '', status = '', reason = ''] = statusLine.exec(text.slice(0, end - 1)) ?? [];
  if (version === '') return null;
  const fields: string[] = [];
  for (;;) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    if (end === -1 || text.charCodeAt(end - 1) !== cr) return null;
    if (end === start + 1) break;
    const colon = text.indexOf(':', start);
    if (colon === -1 || colon > end) return null;
    const name = text.slice(start, colon);
    if (!token.test(name)) return null;
    fields.push(name, withoutBlanks(text, colon + 1, end - 1));
  }
  const framing = framingOf(fields, version, isStrict);
  return framing && { status: Number(status), reason, version, fields, framing, isMended: false };
}
