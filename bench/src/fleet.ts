import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@clacks/client';
import type { Client, ConnectOptions, Signal } from '@clacks/client';

/** What a fleet does. */
export interface FleetPlan {
  /** Clients, each connected by itself, listening to its own name and a common one. */
  readonly clients: number;
  /** Signals sent at a steady pace, and how long that takes in ms. */
  readonly steadySignals: number;
  readonly steadyMs: number;
  /** Signals sent after that, as fast as they go. */
  readonly burstSignals: number;
}

/** What became of a fleet's signals. */
export interface FleetResult {
  readonly sent: number;
  readonly expectedDeliveries: number;
  readonly deliveries: number;
  /** Signals that came out of order, twice, or after a gap. Empty if all is well. */
  readonly faults: readonly string[];
  readonly connectMs: number;
  readonly burstMs: number;
}

const commonName = 'fleet::common';
const ownName = (index: number): string => `fleet::member::${index}`;

/** One signal in this many goes to everybody. */
const commonEvery = 100;

/** Clients that connect at the same time, so that no TLS handshake waits for long. */
const connectAtOnce = 50;

const maxReportedFaults = 20;

/** A client that numbers what it sends, and checks the numbers of what it gets. */
class Member {
  readonly client: Client;
  readonly #index: number;
  readonly #faults: string[];
  readonly #sentTo = new Map<string, number>();
  readonly #receivedFrom = new Map<string, number>();
  deliveries = 0;

  constructor(client: Client, index: number, faults: string[]) {
    this.client = client;
    this.#index = index;
    this.#faults = faults;
  }

  listen(): void {
    this.client.listen(ownName(this.#index), this.#receive);
    this.client.listen(commonName, this.#receive);
  }

  send(name: string): void {
    const number = (this.#sentTo.get(name) ?? 0) + 1;
    this.#sentTo.set(name, number);
    void this.client.set(name, `${this.#index} ${number}`);
  }

  readonly #receive = (signal: Signal): void => {
    if (signal.type !== 'set') return;
    this.deliveries++;
    const [sender = '', number = ''] = signal.value.split(' ');
    const stream = `${sender} ${signal.name}`;
    const expected = (this.#receivedFrom.get(stream) ?? 0) + 1;
    this.#receivedFrom.set(stream, Number(number));
    if (Number(number) === expected || this.#faults.length >= maxReportedFaults) return;
    this.#faults.push(`${signal.name}: ${number} from ${sender}, expected ${expected}`);
  };
}

const connectMembers = async (
  options: ConnectOptions,
  count: number,
  faults: string[],
): Promise<Member[]> => {
  const members: Member[] = [];
  while (members.length < count) {
    const first = members.length;
    const length = Math.min(connectAtOnce, count - first);
    const clients = await Promise.all(
      Array.from({ length }, (_, offset) =>
        connect({ ...options, name: `fleet ${first + offset}`, remember: false }),
      ),
    );
    for (const [offset, client] of clients.entries()) {
      members.push(new Member(client, first + offset, faults));
    }
  }
  for (const member of members) member.listen();
  await Promise.all(members.map(({ client }) => client.flush()));
  return members;
};

/** Sends one signal and returns how many deliveries that makes. */
const sendOne = (members: readonly Member[], number: number): number => {
  const count = members.length;
  const sender = number % count;
  if (number % commonEvery === 0) {
    members[sender]?.send(commonName);
    return count - 1;
  }
  // A stride that visits every other member before it comes back to the same one.
  const receiver = (sender + 1 + (Math.floor(number / count) % (count - 1))) % count;
  members[sender]?.send(ownName(receiver));
  return 1;
};

/**
 * Connects a fleet of clients, lets them signal each other, and checks that every signal arrives
 * once and in order: the article's "1000+ connections, 5000 messages a minute", and more.
 */
export const runFleet = async (options: ConnectOptions, plan: FleetPlan): Promise<FleetResult> => {
  const faults: string[] = [];
  const startedAt = performance.now();
  const members = await connectMembers(options, plan.clients, faults);
  const connectedAt = performance.now();
  let expectedDeliveries = 0;
  for (let number = 0; number < plan.steadySignals; number++) {
    expectedDeliveries += sendOne(members, number);
    await pause(plan.steadyMs / plan.steadySignals);
  }
  const burstAt = performance.now();
  for (let number = 0; number < plan.burstSignals; number++) {
    expectedDeliveries += sendOne(members, plan.steadySignals + number);
  }
  // When every sender's FLUSHED is back, the server has handled every signal; then every
  // receiver's own FLUSHED comes behind everything that was sent to it.
  await Promise.all(members.map(({ client }) => client.flush()));
  await Promise.all(members.map(({ client }) => client.flush()));
  const burstMs = performance.now() - burstAt;
  const deliveries = members.reduce((sum, member) => sum + member.deliveries, 0);
  await Promise.all(members.map(({ client }) => client.close()));
  const sent = plan.steadySignals + plan.burstSignals;
  const connectMs = connectedAt - startedAt;
  return { sent, expectedDeliveries, deliveries, faults, connectMs, burstMs };
};
