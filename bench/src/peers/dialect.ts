/** What is sent, and the bytes that tell that the server has handled it. */
export interface Exchange {
  readonly send: Buffer;
  readonly answer: string;
}

/** What a connection is for. */
export type Role = 'listen' | 'publish' | 'cache';

/** How a cache is used. Answers are those to one request; none if the server does not answer. */
export interface CacheDialect {
  store(name: string, value: string): Buffer;
  readonly stored: (name: string, value: string) => string;
  retrieve(name: string): Buffer;
  readonly retrieved: (name: string, value: string) => string;
  increment(name: string): Buffer;
  /** @param result - What the name has then. */
  readonly incremented: (name: string, result: number) => string;
  /** Ends a batch, where requests without an answer need that. */
  readonly end?: Exchange;
  /** What a name needs before it can be incremented. */
  prepare?(name: string): Exchange;
}

/** How one speaks to a server. Strings that are sent are latin1. */
export interface Dialect {
  /** Between the levels of a name, and what stands for any one level in a pattern. */
  readonly separator: string;
  readonly anyLevel: string;
  /** The server sends a line before it expects TLS. */
  readonly greetsBeforeTls?: true;
  /** Logs in. */
  login(role: Role): Exchange;
  /** Listens to names and patterns, the first of which has the number 1. */
  listen(names: readonly string[]): Buffer;
  /** The answer to that, if there is one and a fence may overtake it. */
  listened?(names: readonly string[]): string;
  publish(name: string, value: string): Buffer;
  /** What one hears of it who listens. */
  deliver(subscription: { name: string; number: number }, name: string, value: string): Buffer;
  /** What the publisher gets, if anything. */
  published?(receivers: number): Buffer;
  /** Bytes that may come between messages, and mean nothing. */
  readonly noise?: string;
  /** Makes sure that all that was sent before has been handled. */
  fence(role: Role): Exchange;
  readonly cache?: CacheDialect;
}

/** Bytes of a latin1 string. */
export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
