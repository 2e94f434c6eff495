import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Exchanged } from '../../src/shared/records.ts';
import { warcRecords } from '../helpers/warc-records.ts';
import type { WarcRecord } from '../helpers/warc-records.ts';

/** A successful exchange, with some parts changed. */
export function someExchange(parts: Partial<Exchanged> = {}): Exchanged {
  return {
    url: 'https://example.org/a?b=c',
    method: 'GET',
    path: '/a?b=c',
    host: 'example.org',
    requestHeaders: ['user-agent', 'urlmill', 'accept', '*/*'],
    requestBody: null,
    status: 200,
    reason: 'OK',
    httpVersion: '1.1',
    rawHeaders: ['Content-Type', 'text/plain', 'Content-Length', '5'],
    body: [Buffer.from('hello')],
    at: Date.UTC(2026, 0, 2, 3, 4, 5, 67),
    remoteIp: '192.0.2.7',
    truncated: null,
    ...parts,
  };
}

/** An exchange whose URL has this number. */
export function numbered(number: number, bytes = 20): Exchanged {
  return someExchange({ url: `https://example.org/${number}`, body: [randomBytes(bytes)] });
}

/** The records of the only file in the folder. */
export async function recordsIn(folder: string): Promise<WarcRecord[]> {
  const [name = '', ...others] = await readdir(folder);
  if (others.length > 0) throw new Error(`${folder} holds more than one file`);
  return warcRecords(await readFile(join(folder, name)));
}
