import type { Dialect } from '../peers/dialect.ts';

/** A signal. */
export interface Message {
  readonly name: string;
  readonly value: string;
}

/** A name or pattern that is listened to, and the names that it stands for. */
export interface Subscription {
  readonly name: string;
  readonly covers: readonly string[];
}

/** Who listens to what, and who sends what. */
export interface Traffic {
  readonly listeners: readonly (readonly Subscription[])[];
  /** What each of them sends, again and again: in batches, each written at once. */
  readonly publishers: readonly (readonly (readonly Message[])[])[];
  /** Bytes that may be on their way to all listeners together. */
  readonly window: number;
}

/** What is written at once, and what it leads to. */
export interface Batch {
  readonly bytes: Buffer;
  readonly messages: number;
  readonly deliveries: number;
  readonly deliveredBytes: number;
}

/** Messages that one hears from one publisher, again and again. */
export type Source = readonly Buffer[];

/** Traffic in the language of a server. */
export interface CompiledTraffic {
  readonly listeners: readonly (readonly string[])[];
  readonly publishers: readonly (readonly Batch[])[];
  readonly window: number;
  /** What each listener hears, by publisher. */
  sourcesOf(listener: number): Source[];
  /** What a publisher itself hears, if the server answers. */
  answersTo(publisher: number): Source;
}

/** A name of 20 bytes, of three levels. The area has two bytes. */
export const nameOf = (dialect: Dialect, area: string, number: number): string => {
  const start = `bench${dialect.separator}${area}${dialect.separator}`;
  return start + String(number).padStart(20 - start.length, '0');
};

interface Receiver {
  readonly listener: number;
  readonly name: string;
  readonly number: number;
}

/** @param spread - Each message goes to so many listeners, whatever its name; verify nothing then. */
export const compile = (dialect: Dialect, traffic: Traffic, spread?: number): CompiledTraffic => {
  const receivers = new Map<string, Receiver[]>();
  for (const [listener, subscriptions] of traffic.listeners.entries()) {
    for (const [index, { name, covers }] of subscriptions.entries()) {
      for (const covered of covers) {
        const receiver = { listener, name, number: index + 1 };
        const known = receivers.get(covered);
        if (known === undefined) receivers.set(covered, [receiver]);
        else known.push(receiver);
      }
    }
  }
  const receiversOf = (name: string): readonly Receiver[] => receivers.get(name) ?? [];
  const compileBatch = (messages: readonly Message[]): Batch => {
    let [deliveries, deliveredBytes] = [0, 0];
    for (const { name, value } of messages) {
      const found = receiversOf(name);
      deliveries += spread ?? found.length;
      if (spread !== undefined) deliveredBytes += spread * dialect.publish(name, value).length;
      else
        for (const receiver of found)
          deliveredBytes += dialect.deliver(receiver, name, value).length;
    }
    const bytes = Buffer.concat(messages.map(({ name, value }) => dialect.publish(name, value)));
    return { bytes, messages: messages.length, deliveries, deliveredBytes };
  };
  const compileSources = (): Buffer[][][] => {
    const all = traffic.listeners.map(() => traffic.publishers.map((): Buffer[] => []));
    for (const [publisher, batches] of traffic.publishers.entries()) {
      for (const { name, value } of batches.flat()) {
        for (const receiver of receiversOf(name)) {
          all[receiver.listener]?.[publisher]?.push(dialect.deliver(receiver, name, value));
        }
      }
    }
    return all;
  };
  let sources: readonly Source[][] | undefined;
  return {
    listeners: traffic.listeners.map((subscriptions) => subscriptions.map(({ name }) => name)),
    publishers: traffic.publishers.map((batches) => batches.map(compileBatch)),
    window: traffic.window,
    sourcesOf: (listener) => (sources ??= compileSources())[listener] ?? [],
    answersTo: (publisher) =>
      (traffic.publishers[publisher] ?? [])
        .flat()
        .flatMap(({ name }) => dialect.published?.(receiversOf(name).length) ?? []),
  };
};
