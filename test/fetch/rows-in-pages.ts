import type { ExecutionContext } from 'ava';

import type { Result } from '../../src/shared/records.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';

export const byJson = { next: 'json:next', json: ['item=items[0]'] };

export function allPages(result: Result): readonly Result[] {
  return [...result.pagesBefore, result];
}

export const shown = (result: Result): unknown[] =>
  allPages(result).map(({ page, status, error, values, next }) => [
    page,
    error ?? status,
    values['item'],
    next,
  ]);

export async function answering(
  t: ExecutionContext,
  answers: Readonly<Record<string, string>>,
): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    const body = answers[url] ?? '';
    response.writeHead(body === '' ? 404 : 200, {
      'content-type': body.startsWith('<') ? 'text/html' : 'application/json',
    });
    response.end(body);
  });
}
