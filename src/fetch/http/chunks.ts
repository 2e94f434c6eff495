import type { FailureCode } from '../../shared/failures.ts';
import { withoutCrs } from './trim.ts';

/**
 * Bytes of one line (a size, a trailer), and of all trailers, at most. Too long an extension of a size is
 * dropped.
 */
const longestLine = 16 * 1024;
const largestTrailers = 256 * 1024;

/** Why a body cannot be read any further. */
export interface ChunkFault {
  readonly failure: FailureCode;
  readonly words: string;
}

// oxlint-disable-next-line no-control-regex
const rightSize = /^[0-9a-f]+(?:;[\t\x20-\x7e\x80-\xff]*)?\r$/i;
// oxlint-disable-next-line no-control-regex
const rightTrailer = /^(?:[!#$%&'*+.^_`|~0-9a-z-]+:[\t\x20-\x7e\x80-\xff]*)?\r$/i;

/**
 * Reads a chunked body (RFC 9112, section 7.1) as browsers and curl do: lines may end with LF alone, and blanks may stand
 * behind a size.
 */
export class Chunks {
  /** Whether the end of the body has come. */
  isOver = false;
  /** Whether all that has come conforms to HTTP/1.1. */
  isRight = true;
  #step: 'size' | 'data' | 'end of data' | 'trailers' = 'size';
  #left = 0;
  /** The beginning of a line whose end has not come. */
  #line = '';
  #trailers = 0;

  /** @returns how many bytes belonged to the body; or why it cannot be read any further */
  read(bytes: Buffer, onData: (data: Buffer) => void): number | ChunkFault {
    let at = 0;
    while (at < bytes.length && !this.isOver) {
      if (this.#step === 'data') {
        const data = bytes.subarray(at, at + this.#left);
        at += data.length;
        this.#left -= data.length;
        if (this.#left === 0) this.#step = 'end of data';
        onData(data);
        continue;
      }
      const end = bytes.indexOf(0x0a, at);
      this.#line += bytes.toString('latin1', at, end === -1 ? bytes.length : end);
      if (this.#line.length > longestLine && !this.#shorten())
        return malformed('a line between two chunks is too long');
      if (end === -1) return bytes.length;
      at = end + 1;
      const fault = this.#endLine(this.#line);
      this.#line = '';
      if (fault !== null) return fault;
    }
    return at;
  }

  /** Drops the extension of a size, which means nothing to us. @returns false when the line is still too long */
  #shorten(): boolean {
    const size = this.#step === 'size' ? this.#line.slice(0, this.#line.indexOf(';') + 1) : '';
    if (size !== '') this.#line = size;
    return size !== '' && size.length < longestLine;
  }

  #endLine(line: string): ChunkFault | null {
    const text = withoutCrs(line);
    if (this.#step === 'trailers') {
      this.isRight &&= rightTrailer.test(line);
      this.#trailers += text.length;
      this.isOver = text === '';
      if (this.#trailers <= largestTrailers) return null;
      return { failure: 'headers-too-large', words: 'the trailers are too large' };
    }
    if (this.#step === 'end of data') {
      this.isRight &&= line === '\r';
      this.#step = 'size';
      return text === '' ? null : malformed('a chunk is longer than it says');
    }
    this.isRight &&= rightSize.test(line);
    const digits = /^0*([0-9a-f]{1,16})[ \t]*(?:;.*)?$/i.exec(text)?.[1];
    if (digits === undefined) return malformed('the size of a chunk is no number');
    this.#left = Number.parseInt(digits, 16);
    this.#step = this.#left === 0 ? 'trailers' : 'data';
    return null;
  }
}

function malformed(words: string): ChunkFault {
  return { failure: 'http-malformed', words };
}
