/** Bytes of the longest mark (magic number, byte order mark) at the beginning of a file. */
const headSize = 4;

/** The first bytes (`size` or more, fewer only at the end), and all bytes including these. */
export async function peek(
  bytes: AsyncIterable<Buffer>,
  size = headSize,
): Promise<[Buffer, AsyncIterable<Buffer>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < size) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const { done, value } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [head, whole()];
}
