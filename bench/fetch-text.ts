import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** Uses a new connection, so that each call counts as one request and one connection. */
export async function fetchText(url: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
  return text(response);
}
