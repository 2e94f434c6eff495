import zlib from 'node:zlib';

import { InputError } from '../shared/errors.ts';
import type { Pieces } from './pieces.ts';
import { unpacked } from './unpacked.ts';

/**
 * Unpacks gzip (RFC 1952) member by member. Node's own gunzip silently stops at zeros between members, and loses what it
 * has unpacked before damaged data.
 *
 * @throws InputError with the place where the data ends too early, or is no gzip
 */
export async function* gunzipped(pieces: Pieces, name: string): AsyncGenerator<Buffer> {
  const reader = new GzipReader(pieces, name);
  do {
    await reader.header();
    yield* reader.body();
  } while (await reader.hasMore());
}

const deflate = 8;
const [hasHeaderCheck, hasExtra, hasName, hasComment, reserved] = [0x02, 0x04, 0x08, 0x10, 0xe0];

class GzipReader {
  readonly #pieces: Pieces;
  readonly #name: string;

  constructor(pieces: Pieces, name: string) {
    this.#pieces = pieces;
    this.#name = name;
  }

  async header(): Promise<void> {
    const start = this.#pieces.position + 1;
    const magic = await this.#pieces.take(2);
    if (magic[0] !== 0x1f || magic[1] !== 0x8b)
      throw this.#fault(`damaged (from byte ${start} on it is no gzip)`);
    const [method = 0, flags = 0] = await this.#take(8);
    if (method !== deflate || (flags & reserved) !== 0) {
      throw this.#fault(`damaged (unknown header at byte ${start})`);
    }
    if ((flags & hasExtra) !== 0) await this.#take((await this.#take(2)).readUInt16LE());
    if ((flags & hasName) !== 0) await this.#skipText();
    if ((flags & hasComment) !== 0) await this.#skipText();
    if ((flags & hasHeaderCheck) !== 0) await this.#take(2);
  }

  async *body(): AsyncGenerator<Buffer> {
    let [check, size] = [0, 0];
    for await (const data of unpacked(this.#pieces, zlib.createInflateRaw())) {
      check = zlib.crc32(data, check);
      size = (size + data.length) % 2 ** 32;
      yield data;
    }
    const start = this.#pieces.position + 1;
    const trailer = await this.#take(8);
    if (trailer.readUInt32LE() !== check || trailer.readUInt32LE(4) !== size) {
      throw this.#fault(`damaged (wrong check sum at byte ${start})`);
    }
  }

  /** Skips zeros, with which tapes are filled up. @returns whether anything follows */
  async hasMore(): Promise<boolean> {
    for (let piece = await this.#pieces.next(); piece !== null; piece = await this.#pieces.next()) {
      const start = piece.findIndex((byte) => byte !== 0);
      if (start === -1) continue;
      this.#pieces.putBack(piece.length - start);
      return true;
    }
    return false;
  }

  async #take(count: number): Promise<Buffer> {
    const bytes = await this.#pieces.take(count);
    if (bytes.length < count) throw this.#fault(`cut off (it ends at byte ${this.#pieces.position})`);
    return bytes;
  }

  async #skipText(): Promise<void> {
    let byte = await this.#take(1);
    while (byte[0] !== 0) byte = await this.#take(1);
  }

  #fault(what: string): InputError {
    return new InputError(`${this.#name}: the compressed data is ${what}; fetch or make the file again`);
  }
}
