import { randomInt } from 'node:crypto';
import { Resolver, getServers } from 'node:dns';
import type { RecordWithTtl } from 'node:dns';

import { parseNameServer } from '../options/checks.ts';
import { decodeReply, encodeQuestion, failed, idOf } from './dns-message.ts';
import type { DnsReply } from './dns-message.ts';
import { nameTrouble } from './name-error.ts';
import type { NameTrouble } from './name-error.ts';
import { isCertain, nameOutcome } from './name-outcome.ts';
import type { Address, Answer, Answered } from './name-outcome.ts';
import { NameSocket } from './name-socket.ts';

export interface NameServersOptions {
  /** As in `NamesOptions`. */
  readonly servers: readonly string[];
  /** Milliseconds for one name in all. */
  readonly timeout: number;
  readonly families: readonly Address['family'][];
}

interface Server {
  readonly socket: NameSocket;
  answeredAt: number;
  /** Silent or down: passed over until then, when one question tries it again. 0 while it is well. */
  avoidedUntil: number;
}

/** The questions for one name. */
interface Lookup {
  readonly name: string;
  readonly questions: Question[];
  readonly callback: (outcome: Answer | NameTrouble) => void;
  readonly startedAt: number;
  timer: NodeJS.Timeout | undefined;
}

interface Question extends Answered {
  readonly id: number;
  readonly message: Buffer;
  /** Index of the server asked last. */
  server: number;
  sentAt: number;
  /** How often it was sent. */
  sent: number;
}

/** Milliseconds until a question is sent again; twice as long each further time. An answer to any of them counts. */
const patience = 1000;

/** Milliseconds that the answer for the other family may come later (RFC 8305, section 3). */
const resolutionDelay = 50;

/** Milliseconds for which a silent server is passed over. */
const avoidance = 5000;

/** Ids have 16 bits, and one that is free must be found soon. */
const mostQuestions = 50_000;

/**
 * Asks name servers over UDP, any number of names at a time over one socket per server. Node's own resolver (c-ares)
 * does not serve for that: it gives up a question after 250 ms when the server is quick else, drops the answer that
 * comes then, and opens a socket for each question that it repeats. It is left with replies that are too large for UDP.
 */
export class NameServers {
  readonly #options: NameServersOptions;
  readonly #servers: readonly Server[];
  /** Those under way, by id. */
  readonly #questions = new Map<number, { readonly question: Question; readonly lookup: Lookup }>();
  #turn = 0;
  #resolver: Resolver | null = null;

  constructor(options: NameServersOptions) {
    this.#options = options;
    const texts = options.servers.length > 0 ? options.servers : getServers();
    this.#servers = texts.map((text, index) => ({
      socket: new NameSocket(parseNameServer(text), {
        onMessage: (message) => this.#receive(index, message),
        onError: () => this.#failedSocket(index),
      }),
      answeredAt: -Infinity,
      avoidedUntil: 0,
    }));
  }

  /** Calls back once, with the addresses or why there are none. A lookup keeps the process alive. */
  ask(name: string, callback: Lookup['callback']): void {
    if (this.#servers.length === 0 || this.#questions.size > mostQuestions) {
      callback(nameTrouble(name, this.#servers.length === 0 ? 'ECONNREFUSED' : 'EBUSY'));
      return;
    }
    // Servers of the system have an order: the second may not know what the first does.
    const first = this.#options.servers.length === 0 ? 0 : this.#turn++;
    const server = this.#choose(first);
    const lookup: Lookup = { name, questions: [], callback, startedAt: performance.now(), timer: undefined };
    this.#wait(lookup, patience);
    for (const family of this.#options.families) {
      const id = this.#freeId();
      const message = encodeQuestion(id, name, family);
      const question: Question = { family, id, message, server, sentAt: 0, sent: 0, reply: null };
      lookup.questions.push(question);
      this.#questions.set(id, { question, lookup });
      this.#send(question, server);
    }
  }

  /** Drops all lookups without calling back, and closes the sockets. */
  close(): void {
    for (const { lookup } of this.#questions.values()) clearTimeout(lookup.timer);
    this.#questions.clear();
    for (const { socket } of this.#servers) socket.close();
    this.#resolver?.cancel();
  }

  #freeId(): number {
    for (;;) {
      // Not to be guessed by those who would forge an answer.
      const id = randomInt(0x1_0000);
      if (!this.#questions.has(id)) return id;
    }
  }

  /** The first server from `start` on that is well, or may be again. */
  #choose(start: number): number {
    const now = performance.now();
    for (let i = 0; i < this.#servers.length; i++) {
      const index = (start + i) % this.#servers.length;
      const server = this.#servers[index] as Server;
      if (server.avoidedUntil === 0) return index;
      if (now < server.avoidedUntil) continue;
      server.avoidedUntil = now + avoidance;
      return index;
    }
    return start % this.#servers.length;
  }

  #send(question: Question, index: number): void {
    question.server = index;
    question.sentAt = performance.now();
    question.sent++;
    this.#servers[index]?.socket.send(question.message);
  }

  /** Sends again what has no answer, until the time is over. */
  #wait(lookup: Lookup, time: number): void {
    const left = this.#options.timeout - (performance.now() - lookup.startedAt);
    // A question sent in the last moment would be for nothing.
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
    const server = this.#servers[question.server] as Server;
    // Nothing came from it meanwhile, so it is not this name alone.
    if (server.answeredAt < question.sentAt) server.avoidedUntil = performance.now() + avoidance;
    this.#send(question, this.#choose(question.server + 1));
  }

  #receive(index: number, message: Buffer): void {
    const asked = this.#questions.get(idOf(message));
    if (asked === undefined) return;
    const { question, lookup } = asked;
    const reply = decodeReply(message, question.message, question.family);
    if (reply === null || question.reply !== null) return;
    const server = this.#servers[index] as Server;
    server.answeredAt = performance.now();
    server.avoidedUntil = 0;
    if (reply.code === 'ETRUNCATED' || reply.code === 'EFORMERR') this.#askAnew(question, lookup);
    else this.#take(question, lookup, reply);
  }

  #failedSocket(index: number): void {
    const server = this.#servers[index] as Server;
    server.avoidedUntil = performance.now() + avoidance;
    // Those of now only: who is called back may ask again.
    const asked = Array.from(this.#questions.values());
    for (const { question, lookup } of asked) {
      if (question.server === index && question.reply === null)
        this.#take(question, lookup, failed('ECONNREFUSED'));
    }
  }

  #take(question: Question, lookup: Lookup, reply: DnsReply): void {
    if (!isCertain(reply) && question.sent < this.#servers.length) {
      this.#send(question, this.#choose(question.server + 1));
      return;
    }
    question.reply = reply;
    if (lookup.questions.every((other) => other.reply !== null)) {
      this.#end(lookup);
    } else if (reply.addresses.length > 0) {
      clearTimeout(lookup.timer);
      lookup.timer = setTimeout(() => this.#end(lookup), resolutionDelay);
    }
  }

  /** For a reply too large for UDP, and a server that does not understand EDNS: c-ares knows how to go on. */
  #askAnew(question: Question, lookup: Lookup): void {
    if (this.#resolver === null) {
      this.#resolver = new Resolver({ timeout: 2000, tries: 2 });
      if (this.#options.servers.length > 0) this.#resolver.setServers(this.#options.servers);
    }
    const take = (error: NodeJS.ErrnoException | null, records: readonly RecordWithTtl[]): void => {
      if (this.#questions.get(question.id)?.question !== question || question.reply !== null) return;
      // It has asked the other servers too.
      question.sent = Math.max(question.sent, this.#servers.length);
      this.#take(question, lookup, error === null ? replyOf(records) : failed(error.code ?? 'no code'));
    };
    if (question.family === 4) this.#resolver.resolve4(lookup.name, { ttl: true }, take);
    else this.#resolver.resolve6(lookup.name, { ttl: true }, take);
  }

  #end(lookup: Lookup): void {
    clearTimeout(lookup.timer);
    for (const { id } of lookup.questions) this.#questions.delete(id);
    lookup.callback(nameOutcome(lookup.name, lookup.questions));
  }
}

function replyOf(records: readonly RecordWithTtl[]): DnsReply {
  const addresses = records.map(({ address }) => address);
  // A CNAME that leads to no address comes without an error.
  return {
    code: addresses.length === 0 ? 'ENODATA' : '',
    addresses,
    ttl: Math.min(...records.map(({ ttl }) => ttl)),
  };
}
