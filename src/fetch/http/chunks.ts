/** Bytes of one line (a size with its extensions, a trailer), and of all trailers. */
const longestLine = 16 * 1024;
const largestTrailers = 256 * 1024;

/**
 * Reads the rest of a chunked body (RFC 9112, section 7.1) as browsers and curl do: lines may end with LF alone, and
 * blanks may stand behind a size.
 */
export class Chunks {
  /** Whether the end of the body has come. */
  isOver = false;
  #step: 'end of data' | 'size' | 'data' | 'trailers';
  #left = 0;
  /** The beginning of a line whose end has not come. */
  #line = '';
  #trailers = 0;

  /** @param afterData whether data of a chunk came last, so that the end of its line is next */
  constructor(afterData: boolean) {
    this.#step = afterData ? 'end of data' : 'size';
  }

  /** @returns why the body cannot be read any further; null: all is well */
  read(bytes: Buffer, onData: (data: Buffer) => void): string | null {
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
      if (this.#line.length > longestLine) return 'a line between two chunks is too long';
      if (end === -1) return null;
      at = end + 1;
      const fault = this.#endLine(this.#line.replace(/\r+$/, ''));
      this.#line = '';
      if (fault !== null) return fault;
    }
    return null;
  }

  #endLine(line: string): string | null {
    if (this.#step === 'trailers') {
      this.#trailers += line.length;
      this.isOver = line === '';
      return this.#trailers > largestTrailers ? 'the trailers are too large' : null;
    }
    if (this.#step === 'end of data') {
      this.#step = 'size';
      return line === '' ? null : 'a chunk is longer than it says';
    }
    const digits = /^([0-9a-f]{1,13})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (digits === undefined) return 'the size of a chunk is no number';
    this.#left = Number.parseInt(digits, 16);
    this.#step = this.#left === 0 ? 'trailers' : 'data';
    return null;
  }
}
