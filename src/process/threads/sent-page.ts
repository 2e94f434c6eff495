import { packHeaders, unpackHeaders } from '../../page/headers.ts';
import { ResponsePage } from '../../page/page.ts';
import type { SentPage } from './thread-messages.ts';

export function sentPage(page: ResponsePage): SentPage {
  const { input, url, status, rawHeaders, contentType, sharedBody } = page;
  const { cells, table } = input;
  const headers = packHeaders(rawHeaders);
  return { id: -1, names: table.names, cells, url, status, headers, contentType, body: sharedBody };
}

export function receivedPage(sent: SentPage): ResponsePage {
  const { names, cells, url, status, headers, contentType, body } = sent;
  const input = { cells, table: { names, header: true } };
  return new ResponsePage(input, url, status, unpackHeaders(headers), contentType, body);
}
