import type { DnsReply } from './dns-message.ts';
import type { NameTrouble } from './error.ts';
import type { Answer, Answered } from './outcome.ts';
import type { NameSocket } from './socket.ts';
import type { NameSockets } from './sockets.ts';
import type { TcpQuestions } from './tcp-questions.ts';

/** A name server. */
export interface Server {
  readonly text: string;
  readonly sockets: NameSockets;
  answeredAt: number;
  /** After a failure it is not used until this time, when one question tries it again. 0 while it works. */
  avoidedUntil: number;
  /** Whether it does not understand EDNS. */
  isPlain: boolean;
  readonly overTcp: TcpQuestions;
}

/** The questions for one name. */
export interface Lookup {
  readonly name: string;
  readonly questions: Question[];
  readonly callback: (outcome: Answer | NameTrouble) => void;
  readonly endsAt: number;
  timer: NodeJS.Timeout | undefined;
}

export interface Question extends Answered {
  readonly id: number;
  readonly message: Buffer;
  readonly lookup: Lookup;
  /** The server that was asked last. */
  server: Server;
  sentAt: number;
  /** The sockets that it was sent from. A reply must come to one of them. */
  readonly sockets: { readonly server: Server; readonly socket: NameSocket }[];
  /** Servers that failed to answer it. */
  readonly failed: Server[];
  /** Servers that sent a truncated reply, and are asked for the whole one over TCP. */
  readonly cut: Server[];
  /** The reply of a server that failed. */
  trouble: DnsReply | null;
  /** Whether it is sent without EDNS. */
  isPlain: boolean;
}
