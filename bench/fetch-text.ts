import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** On a connection of its own, so that every question counts as one request and one connection. */
export async function fetchText(url: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
  return text(response);
}
