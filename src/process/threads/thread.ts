import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

import { RunError } from '../../shared/errors.ts';
import { messageWithPlace } from '../../shared/own-place.ts';
import { loadEncodings } from '../../page/encodings.ts';
import { InThisThread } from '../../page/in-this-thread.ts';
import type { PageAsk, ResponsePage } from '../../page/page.ts';
import { failedBy } from '../../page/processing.ts';
import type { Processed, Processing } from '../../page/processing.ts';
import type { Values } from '../../shared/records.ts';
import { findNextOf, processorsOf } from '../processors.ts';
import { SentAsks } from './sent-asks.ts';
import { receivedPage } from './sent-page.ts';
import { lookInterval, sign } from './thread-messages.ts';
import type {
  FromThread,
  SentError,
  SentOutcome,
  SentPage,
  ThreadSetup,
  ToThread,
} from './thread-messages.ts';

/** Milliseconds after which finished pages are sent even though more are to be processed. */
const sendInterval = 10;

/** The share of the heap from which a thread counts as full. One that runs out of heap may end the whole process. */
const fullHeap = 0.7;

/** The entry point of a thread that processes pages. */
async function thread(port: MessagePort, { options, timeout, signs }: ThreadSetup): Promise<void> {
  const send = (message: FromThread): void => port.postMessage(message);
  // An error that a module throws later, from a timer say, belongs to no row.
  process.on('uncaughtException', (error: unknown) => {
    send({ kind: 'stray', detail: messageWithPlace(error) });
  });
  // Sent as messages, so that output and outcomes keep their order, and nothing is lost when the thread is ended; a worker's
  // own streams would wait for the main thread.
  const printing = (stream: string): Writable =>
    new Writable({
      decodeStrings: false,
      write: (text: Uint8Array | string, _, callback) => {
        send({ kind: 'print', text, stream });
        callback();
      },
    });
  const printed = printing('console');
  globalThis.console = new Console(printed, printed);
  for (const name of ['stdout', 'stderr']) Object.defineProperty(process, name, { value: printing(name) });
  const asks = new SentAsks(send);
  const ask: PageAsk = ({ id }, ...asked) => asks.send(id, ...asked);
  let outcomes: (readonly [number, SentOutcome | SentError])[] = [];
  let busy = 0;
  let sentAt = performance.now();
  let sending: NodeJS.Immediate | null = null;
  const sendDone = (): void => {
    if (sending !== null) clearImmediate(sending);
    sending = null;
    sentAt = performance.now();
    const { used_heap_size: used, external_memory: external, heap_size_limit: limit } = getHeapStatistics();
    send({ kind: 'done', outcomes, busy, isFull: used + external > limit * fullHeap });
    outcomes = [];
    busy = 0;
  };
  try {
    await loadEncodings();
    const processors = await processorsOf(options);
    const processing = new InThisThread(processors, timeout, await findNextOf(options));
    const end = (id: number, page: ResponsePage, outcome: SentOutcome | SentError): void => {
      page.end();
      outcomes.push([id, outcome]);
      sending ??= setImmediate(sendDone);
    };
    const endLater = async (
      id: number,
      page: ResponsePage,
      outcome: Promise<SentOutcome | SentError>,
    ): Promise<void> => {
      const known = await outcome;
      Atomics.sub(signs, sign.waiting, 1);
      end(id, page, known);
    };
    const process = (sent: SentPage): void => {
      const begunAt = performance.now();
      const { id } = sent;
      Atomics.store(signs, sign.inHand, id);
      Atomics.add(signs, sign.turns, 1);
      const page = receivedPage(sent);
      page.id = id;
      page.ask = ask;
      const outcome = outcomeOf(processing, page);
      Atomics.store(signs, sign.inHand, -1);
      if (outcome instanceof Promise) {
        Atomics.add(signs, sign.waiting, 1);
        void endLater(id, page, outcome);
        // Tells the main thread that this page waits, so that it can send another one.
        sending ??= setImmediate(sendDone);
      } else end(id, page, outcome);
      const now = performance.now();
      busy += now - begunAt;
      if (now - sentAt > sendInterval && outcomes.length > 0) sendDone();
    };
    setInterval(() => {
      if (Atomics.load(signs, sign.waiting) > 0) Atomics.add(signs, sign.turns, 1);
    }, lookInterval(timeout)).unref();
    port.on('message', (message: ToThread) => {
      if ('id' in message) return asks.take(message);
      for (const page of message) if (page.id > Atomics.load(signs, sign.takenBack)) process(page);
      return undefined;
    });
    const module = options.module === undefined ? undefined : processors.at(-1);
    send({ kind: 'ready', columns: module?.columns ?? [] });
  } catch (error) {
    send({ kind: 'refused', error: sentError(error) });
  }
}

function outcomeOf(
  processing: Processing,
  page: ResponsePage,
): SentOutcome | SentError | Promise<SentOutcome | SentError> {
  try {
    const processed = processing.process(page);
    return processed instanceof Promise ? processed.then(sentOutcome).catch(failure) : sentOutcome(processed);
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): SentOutcome | SentError {
  return error instanceof RunError ? sentError(error) : failedBy(error);
}

function sentError(error: unknown): SentError {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: 'Error', message: String(error) };
}

function sentOutcome({ values, rows, ...rest }: Processed): SentOutcome {
  return { ...rest, values: sentValues(values), rows: rows?.map(sentValues) ?? null };
}

/** Sends objects as JSON, as they will be written: some cannot be cloned, and cloning costs more. */
function sentValues(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? { json: JSON.stringify(value) } : value,
    ]),
  );
}

if (parentPort === null) throw new TypeError('this file is the start of a thread');
await thread(parentPort, workerData as ThreadSetup);
