import { blankReply } from '../../../src/fetch/messages.ts';
import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import { mayPassSoon } from '../../../src/shared/statuses.ts';
import { Scheduler } from '../../../src/fetch/schedule/scheduler.ts';
import type { SchedulerOptions } from '../../../src/fetch/schedule/scheduler-options.ts';
import type { Result, Row } from '../../../src/shared/records.ts';

export interface DrivenOptions extends Partial<SchedulerOptions> {
  readonly lookAhead: number;
  /** Replies to a request, at once or later. Default: status 200. */
  readonly answer?: (request: EngineRequest) => Partial<EngineReply> | Promise<Partial<EngineReply>>;
}

export interface Driven {
  readonly results: readonly Result[];
  /** The most rows in memory, measured whenever their number may have changed. */
  readonly mostHeld: number;
  /** URLs in the order in which they were requested. */
  readonly asked: readonly string[];
  readonly notices: readonly string[];
}

/**
 * Sends URLs through a scheduler as `fetchUrls()` does, with an engine that answers in the next turn of the
 * event loop. URLs without a scheme are rows of `--default-scheme https,http`.
 */
export async function drive(urls: Iterable<string>, options: DrivenOptions): Promise<Driven> {
  const { lookAhead, answer = () => ({}), ...others } = options;
  const rows = rowsOf(urls);
  const results: Result[] = [];
  const asked: string[] = [];
  const notices: string[] = [];
  let mostHeld = 0;
  let isAtEnd = false;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      mostHeld = Math.max(mostHeld, scheduler.held);
    };
    const go = (): void => {
      while (!isAtEnd && scheduler.wantsMore && (scheduler.held < lookAhead || scheduler.makeRoom())) {
        const { value, done } = rows.next();
        if (done === true) isAtEnd = true;
        else scheduler.add(value);
        look();
      }
      if (!isAtEnd || scheduler.size > 0) return;
      scheduler.close();
      resolve({ results, mostHeld, asked, notices });
    };
    const scheduler = new Scheduler({
      concurrency: 10,
      perHost: 1,
      interval: 0,
      hostInterval: 0,
      timeout: 10_000,
      maxBody: 1_000_000,
      retries: 0,
      maxWait: 1,
      networkWait: 600_000,
      secretNames: [],
      statuses: mayPassSoon,
      maxRedirects: 10,
      privateAddresses: 'allow',
      onceMemory: null,
      followMeta: false,
      keepsHops: false,
      getAfterHead: false,
      secrets: { logins: null, cookies: null },
      robots: null,
      maxPages: null,
      staysAtHost: false,
      soft404: null,
      maxAsked: Infinity,
      method: 'GET',
      requestOf: () => ({ headers: [], ownHeaders: [], hostHeaders: [], body: null }),
      start: (request) => {
        asked.push(request.url);
        const reply = (said: Partial<EngineReply>): void => {
          scheduler.reply({ ...blankReply, status: 200, ...said, id: request.id });
          look();
          go();
        };
        const said = answer(request);
        if (said instanceof Promise) void said.then(reply);
        else setImmediate(() => reply(said));
      },
      reach: () => Promise.resolve(true),
      onResult: (result) => {
        results.push(result);
        // A row may end without a reply, so check again.
        setImmediate(go);
      },
      onChange: () => {
        look();
        go();
      },
      onNetworkLost: () => {},
      notice: (text) => notices.push(text),
      onFail: (error) => {
        scheduler.stop();
        scheduler.close();
        reject(error);
      },
      ...others,
    });
    go();
  });
}

const table = { names: ['url'], header: true };

function* rowsOf(urls: Iterable<string>): Generator<Row, undefined> {
  let number = 0;
  for (const url of urls) {
    const row = { number: ++number, cells: [url], table, url, error: null, detail: '', json: null };
    yield url.includes('://') ? row : { ...row, url: `https://${url}`, orHttp: true };
  }
  return undefined;
}
