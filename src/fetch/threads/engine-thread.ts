import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

import { RunError } from '../../shared/errors.ts';
import { loadEncodings } from '../../page/encodings.ts';
import { loadRefresh } from '../../page/refresh.ts';
import { receivedRequest, sentReply } from './engine-messages.ts';
import type { FromEngine, SentReply, ThreadData, ToEngine } from './engine-messages.ts';
import { ownEngine } from './own-engine.ts';

/** The entry point of a thread that fetches. */
async function thread(port: MessagePort, { setup, taken }: ThreadData): Promise<void> {
  const send = (message: FromEngine): void => port.postMessage(message);
  let replies: SentReply[] = [];
  /** The replies of one turn of the event loop are sent together, as each message costs a turn of the main thread's. */
  const sendReplies = (): void => {
    send({ kind: 'replies', replies });
    replies = [];
  };
  if (setup.followMeta) await loadRefresh();
  else if (setup.charsets) await loadEncodings();
  const engine = ownEngine(setup, {
    onReply: (reply, page) => {
      if (replies.length === 0) setImmediate(sendReplies);
      replies.push(sentReply(reply, page));
    },
    notice: (text) => send({ kind: 'notice', text }),
    onUnknown: (words) => send({ kind: 'unknown', words }),
    onLogin: (words) => send({ kind: 'login', words }),
    onBug: (error) =>
      send(
        error instanceof RunError
          ? { kind: 'run-error', name: error.name, message: error.message }
          : { kind: 'bug', error },
      ),
  });
  port.on('message', (message: ToEngine) => {
    if (message.kind === 'stop') return engine.stop(message.error, message.detail);
    if (message.kind === 'close-idle') return engine.closeIdle();
    Atomics.add(taken, 0, message.requests.length);
    for (const request of message.requests) engine.start(receivedRequest(request));
    return undefined;
  });
  send({ kind: 'ready' });
}

if (parentPort === null) throw new TypeError('this file is the start of a thread');
await thread(parentPort, workerData as ThreadData);
