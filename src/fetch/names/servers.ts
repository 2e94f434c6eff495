import { randomInt } from 'node:crypto';

import { parseNameServer } from '../../options/checks.ts';
import { decodeReply, encodeQuestion, failed, idOf, withoutEdns } from './dns-message.ts';
import type { DnsReply } from './dns-message.ts';
import { nameTrouble } from './error.ts';
import { isCertain, nameOutcome } from './outcome.ts';
import type { Address } from './outcome.ts';
import type { Lookup, Question, Server } from './question.ts';
import type { NameSocket } from './socket.ts';
import { NameSockets } from './sockets.ts';
import { TcpQuestions } from './tcp-questions.ts';

export interface NameServersOptions {
  /** Milliseconds for one name in all. */
  readonly timeout: number;
  readonly families: readonly Address['family'][];
  /** Whether to use the servers in turn. Those of the system are used in order, as the second may know fewer names. */
  readonly rotate: boolean;
  /** Called when no server answers. */
  readonly onSilence?: () => void;
}

/** Milliseconds until a question is first sent again; the time doubles each time. Late replies still count. */
const patience = 1000;

/** Milliseconds to wait for the other family after one has an answer (RFC 8305, section 3). */
const resolutionDelay = 50;

/** Milliseconds for which a server that does not answer is not used. */
const avoidance = 5000;

/** Questions in flight at most: ids have 16 bits, and a free one must be found quickly. */
const mostQuestions = 50_000;

/**
 * Asks name servers over UDP, for many names at a time over a few sockets per server. Node's resolver (c-ares) is not suited
 * for that: with a server that is usually fast it gives a question up after 250 ms, drops a later answer, and opens a socket
 * for each repetition. It is used only for replies that are too large for UDP.
 */
export class NameServers {
  readonly #options: NameServersOptions;
  #servers: readonly Server[] = [];
  /** Questions in flight by id. */
  readonly #questions = new Map<number, Question>();
  #turn = 0;

  /** @param servers as in `NamesOptions` */
  constructor(servers: readonly string[], options: NameServersOptions) {
    this.#options = options;
    this.use(servers);
  }

  /** Replaces the servers. Questions to servers that are dropped are asked again. */
  use(texts: readonly string[]): void {
    const former = this.#servers;
    this.#servers = Array.from(
      new Set(texts),
      (text) => former.find((one) => one.text === text) ?? this.#newServer(text),
    );
    for (const server of former.filter((one) => !this.#servers.includes(one))) {
      this.#close(server);
      for (const question of this.#asked(server)) this.#send(question, this.#choose(0));
    }
  }

  /**
   * Asks for the addresses of a name. Calls back once, with the addresses or why there are none. Until then it keeps the
   * process alive.
   *
   * @param time milliseconds in all. Default: `timeout`
   */
  ask(name: string, callback: Lookup['callback'], time = this.#options.timeout): void {
    if (this.#servers.length === 0 || this.#questions.size > mostQuestions) {
      callback(nameTrouble(name, this.#servers.length === 0 ? 'ECONNREFUSED' : 'EBUSY'));
      return;
    }
    const server = this.#choose(this.#options.rotate ? this.#turn++ : 0);
    const endsAt = performance.now() + time;
    const lookup: Lookup = { name, questions: [], callback, endsAt, timer: undefined };
    this.#wait(lookup, patience);
    for (const family of this.#options.families) {
      const id = this.#freeId();
      const question: Question = {
        family,
        id,
        message: encodeQuestion(id, name, family),
        lookup,
        server,
        sentAt: 0,
        sockets: [],
        failed: [],
        cut: [],
        trouble: null,
        isPlain: server.isPlain,
        reply: null,
      };
      lookup.questions.push(question);
      this.#questions.set(id, question);
      this.#send(question, server);
    }
  }

  /** Drops all lookups without calling back, and closes the sockets. */
  close(): void {
    for (const { lookup } of this.#questions.values()) clearTimeout(lookup.timer);
    this.#questions.clear();
    for (const server of this.#servers) this.#close(server);
  }

  #newServer(text: string): Server {
    const server: Server = {
      text,
      sockets: new NameSockets(parseNameServer(text), {
        onMessage: (message, socket) => this.#receive(message, socket),
        onLost: (socket) => this.#sendAgain(server, socket),
        onError: () => this.#failedServer(server),
      }),
      answeredAt: -Infinity,
      avoidedUntil: 0,
      isPlain: false,
      overTcp: new TcpQuestions(text),
    };
    return server;
  }

  #close({ sockets, overTcp }: Server): void {
    sockets.close();
    overTcp.close();
  }

  /** A copy of the open questions to a server, as callbacks may add new ones. */
  #asked(server: Server): Question[] {
    return Array.from(this.#questions.values()).filter(
      (question) => question.server === server && question.reply === null,
    );
  }

  #freeId(): number {
    for (;;) {
      // Random, so that a forger cannot guess it.
      const id = randomInt(0x1_0000);
      if (!this.#questions.has(id)) return id;
    }
  }

  /** The first server from `start` on that is not avoided; else the one at `start`. */
  #choose(start: number): Server {
    const now = performance.now();
    const inOrder = this.#servers.map((_, i) => this.#at(start + i));
    const server = inOrder.find(({ avoidedUntil }) => avoidedUntil <= now) ?? this.#at(start);
    if (server.avoidedUntil !== 0) server.avoidedUntil = now + avoidance;
    return server;
  }

  #at(index: number): Server {
    return this.#servers[index % this.#servers.length] as Server;
  }

  /** The server to ask after this one. */
  #after(server: Server): Server {
    return this.#choose(this.#servers.indexOf(server) + 1);
  }

  #send(question: Question, server: Server): void {
    if (server !== question.server) question.isPlain = server.isPlain;
    question.server = server;
    question.sentAt = performance.now();
    const message = question.isPlain ? withoutEdns(question.message) : question.message;
    question.sockets.push({ server, socket: server.sockets.send(message) });
  }

  #sendAgain(server: Server, lost: NameSocket): void {
    for (const question of this.#asked(server)) {
      if (question.sockets.at(-1)?.socket === lost) this.#send(question, server);
    }
  }

  /** Sends questions without an answer again, until the time is over. */
  #wait(lookup: Lookup, time: number): void {
    const left = lookup.endsAt - performance.now();
    // A question that is sent in the last moment would get no answer in time.
    const isLast = left < 1.1 * time;
    lookup.timer = setTimeout(
      () => {
        if (isLast) {
          this.#end(lookup);
          return;
        }
        for (const question of lookup.questions) if (question.reply === null) this.#askNext(question);
        this.#wait(lookup, 2 * time);
      },
      isLast ? left : time,
    );
  }

  #askNext(question: Question): void {
    const { server, sentAt } = question;
    // The server has answered nothing at all since the question was sent.
    if (server.answeredAt < sentAt) this.#avoid(server);
    this.#send(question, this.#after(server));
  }

  #avoid(server: Server): void {
    server.avoidedUntil = performance.now() + avoidance;
    if (this.#servers.every(({ avoidedUntil }) => avoidedUntil !== 0)) this.#options.onSilence?.();
  }

  #receive(message: Buffer, socket: NameSocket): void {
    const question = this.#questions.get(idOf(message));
    const server = question?.sockets.find((one) => one.socket === socket)?.server;
    if (question === undefined || server === undefined) return;
    const reply = decodeReply(message, question.message, question.family);
    if (reply === null || question.reply !== null) return;
    server.answeredAt = performance.now();
    server.avoidedUntil = 0;
    const isEdnsRefused = reply.code === 'EFORMERR' || reply.code === 'EBADVERS';
    if (isEdnsRefused && !question.isPlain) {
      question.isPlain = true;
      this.#send(question, server);
    } else if (reply.code === 'ETRUNCATED') {
      this.#askOverTcp(question, server);
    } else {
      if (question.isPlain && isCertain(reply)) server.isPlain = true;
      this.#take(question, server, reply);
    }
  }

  #failedServer(server: Server): void {
    this.#avoid(server);
    for (const question of this.#asked(server)) this.#take(question, server, failed('ECONNREFUSED'));
  }

  #take(question: Question, server: Server, reply: DnsReply): void {
    if (isCertain(reply)) {
      this.#settle(question, reply);
      return;
    }
    question.failed.push(server);
    // Another server's reply says more than that a server is down.
    if (question.trouble === null || question.trouble.code === 'ECONNREFUSED') question.trouble = reply;
    // This reply comes late: another server has been asked meanwhile, and may still answer.
    if (!question.failed.includes(question.server)) return;
    const other = this.#other(question);
    if (other === undefined) this.#settle(question, question.trouble);
    else this.#send(question, other);
  }

  /** A server that has not failed with this question. One that is avoided is used only if no server has replied. */
  #other({ failed: troubled, trouble }: Question): Server | undefined {
    const now = performance.now();
    const others = this.#servers.filter((one) => !troubled.includes(one));
    const isDown = trouble?.code === 'ECONNREFUSED';
    return others.find(({ avoidedUntil }) => avoidedUntil <= now) ?? (isDown ? others[0] : undefined);
  }

  #settle(question: Question, reply: DnsReply): void {
    const { lookup } = question;
    question.reply = reply;
    if (lookup.questions.every((other) => other.reply !== null)) {
      this.#end(lookup);
    } else if (reply.addresses.length > 0) {
      clearTimeout(lookup.timer);
      lookup.timer = setTimeout(() => this.#end(lookup), resolutionDelay);
    }
  }

  #askOverTcp(question: Question, server: Server): void {
    if (question.cut.includes(server)) return;
    question.cut.push(server);
    server.overTcp.ask(question.lookup.name, question.family, (reply) => {
      if (this.#questions.get(question.id) === question && question.reply === null)
        this.#take(question, server, reply);
    });
  }

  #end(lookup: Lookup): void {
    clearTimeout(lookup.timer);
    for (const question of lookup.questions) {
      this.#questions.delete(question.id);
      for (const { server, socket } of question.sockets) server.sockets.release(socket);
      question.reply ??= question.trouble;
    }
    lookup.callback(nameOutcome(lookup.name, lookup.questions));
  }
}
