import type { EngineRequest } from '../../../src/fetch/messages.ts';
import { noRow } from '../../../src/fetch/messages.ts';

/** The setup of an engine with all optional work turned off. */
export const plainEngine = {
  pages: false,
  traces: false,
  exchanges: false,
  charsets: false,
  certificates: false,
  digests: false,
  likenesses: false,
  largeBodies: null,
  idleConnections: 10,
  userAgent: '',
  environment: {},
};

/** A request without a row. */
export function requestTo(origin: string, id: number): EngineRequest {
  return {
    id,
    origin,
    url: `${origin}/`,
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    timeout: 60_000,
    maxBody: 10,
    row: noRow,
    secrets: null,
    follow: false,
    followMeta: false,
    hasMore: true,
    denyPrivate: false,
    wantsHop: false,
    wantsBody: false,
    compared: null,
    conditional: false,
  };
}
