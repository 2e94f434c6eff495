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
  /** Silent or down: passed over until then, when one question tries it again. 0 while it is well. */
  avoidedUntil: number;
  /** It does not understand EDNS. */
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
  /** The one asked last. */
  server: Server;
  sentAt: number;
  /** Where it was sent from: a reply must come there. */
  readonly sockets: { readonly server: Server; readonly socket: NameSocket }[];
  /** Those that failed with it. */
  readonly failed: Server[];
  /** Those that gave a cut reply, and are asked for the whole one. */
  readonly cut: Server[];
  /** What one that failed said. */
  trouble: DnsReply | null;
  /** Without EDNS. */
  isPlain: boolean;
}
