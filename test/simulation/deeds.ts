import { clearIdOf, knownOf, writeIdOf } from './history.ts';
import type { History, Known, WriteId } from './history.ts';
import type { SimulatedClient } from './client.ts';
import type { LineWatcher } from './port.ts';
import type { Deed } from './scenario.ts';
import type { Signals } from './signals.ts';
import type { Place } from './tree.ts';

/** Lines that a client may send who must not, or that mean nothing from one. */
const hostileLines = [
  'OVERHEAD GT 1',
  'OVERHEAD GT 99999999999',
  'OVERHEAD T 99999999999',
  'OVERHEAD L 1',
  'OVERHEAD GL 1',
  'OVERHEAD GI 1',
  'OVERHEAD I 1',
  'CLEARCACHE',
  'CLEARED 4102444800',
  'NODE n0-0 n9 n0-0 1',
  'KEYSYNC 4102444800 0 D k0=REMOVED',
  'KEYSYNC 4102444800 4102444800 U k0=denied',
];

const numberOf = (value: string | undefined): number => Number(value ?? 0) || 0;

/** Does what a scenario has clients do, and notes what came of it. */
export class Deeds {
  readonly #history: History;
  readonly #signals: Signals;
  readonly #padding: string;
  #serial = 0;

  /** @param valueBytes - How long values are at least. */
  constructor(history: History, signals: Signals, valueBytes: number) {
    this.#history = history;
    this.#signals = signals;
    this.#padding = valueBytes === 0 ? '' : `-${'x'.repeat(valueBytes)}`;
  }

  /** A client does it. */
  do(place: Place, deed: Deed): void {
    const { manager, writer, reader } = place.clients;
    switch (deed.kind) {
      case 'store':
        this.store(place, deed.name);
        break;
      case 'setAndStore':
        this.#setAndStore(place);
        break;
      case 'remove':
        writer.say(`REMOVE ${deed.name}`, this.#write(writer, deed.name, undefined));
        break;
      case 'count':
        this.#count(writer, deed.name, deed.step);
        break;
      case 'retrieve':
        writer.say(`RETRIEVE ${deed.name}`);
        break;
      case 'signal':
        this.signal(place, deed.verb);
        break;
      case 'denied':
        this.#denied(reader, deed.name);
        break;
      case 'hostile':
        for (const line of hostileLines) writer.say(line);
        break;
      case 'clear':
        manager.say('CLEARCACHE', this.#clear(manager));
        break;
      case 'flush':
        this.flush(place, deed.who);
    }
  }

  /** A client wants all that it has written to be kept. */
  flush({ clients, disk }: Place, who: 'writer' | 'manager'): void {
    const client = clients[who];
    client.flush(() => {
      // Its lines wait meanwhile: it was all written before.
      const written = client.written.splice(0);
      if (disk !== undefined) for (const { holders } of written) holders.add(disk);
    });
  }

  /** A client stores a value that no other one has. */
  store({ clients: { writer } }: Place, name: string): void {
    const serial = ++this.#serial;
    // What is counted starts from numbers that differ by more than all steps.
    const value = name.startsWith('c') ? `${serial * 1000}` : `v${serial}${this.#padding}`;
    writer.say(`STORE ${name}=${value}`, this.#write(writer, name, value));
  }

  /** A client sends a signal that no other one sends. */
  signal(place: Place, verb: 'SET' | 'NOTIFY' | 'OVERHEAD'): void {
    const { id } = place.node;
    const serial = ++this.#serial;
    const line = {
      SET: `SET sig::${id}=${serial}`,
      NOTIFY: `NOTIFY sig::${id}::${serial}`,
      OVERHEAD: `OVERHEAD GN mem::${id}=${serial}`,
    }[verb];
    this.#signals.send(place, line, serial);
  }

  #setAndStore(place: Place): void {
    const serial = ++this.#serial;
    const name = `sig::${place.node.id}`;
    const line = `SETANDSTORE ${name}=${serial}`;
    this.#signals.send(place, line, serial, this.#write(place.clients.writer, name, `${serial}`));
  }

  #write(writer: SimulatedClient, name: string, value: string | undefined): LineWatcher {
    const { node } = writer;
    let before: Known;
    return {
      takes: () => {
        before = knownOf(node, name);
      },
      handled: () => {
        const entry = node.broker.cache.entry(name);
        if (entry === undefined || entry.value !== value || entry.counter !== undefined) {
          throw new Error(`${node.id} has ${name}=${entry?.value} after a write of ${value}`);
        }
        writer.written.push(...this.#history.wrote(node, name, before));
      },
    };
  }

  #count(writer: SimulatedClient, name: string, step: number): void {
    const { node } = writer;
    // Without a step it is 1; a name that contains a `=` needs one.
    const text = step === 1 && !name.includes('=') ? name : `${name}=${Math.abs(step)}`;
    let before: Known;
    writer.say(`${step < 0 ? 'DECREMENT' : 'INCREMENT'} ${text}`, {
      takes: () => {
        before = knownOf(node, name);
      },
      handled: () => {
        const { value, counter } = node.broker.cache.entry(name) ?? {};
        if (numberOf(value) !== numberOf(before.value) + step) {
          throw new Error(`${node.id} adds ${step} to ${before.value}: ${value}`);
        }
        if (counter !== undefined) {
          writer.written.push(...this.#history.counted(node, name, step));
        } else if (Number.isInteger(step) || node.hasMaster) {
          throw new Error(`${node.id} does not keep its steps of ${name}`);
        } else {
          // A node that never had a link rounds step by step, as Perl does.
          writer.written.push(...this.#history.wrote(node, name, before));
        }
      },
    });
  }

  #clear(manager: SimulatedClient): LineWatcher {
    const { node } = manager;
    const { cache } = node.broker;
    let before: Map<string, WriteId>;
    let beforeId: WriteId;
    return {
      takes: () => {
        before = new Map([...cache.entries()].map((entry) => [entry.name, writeIdOf(entry)]));
        beforeId = clearIdOf(cache.cleared);
      },
      handled: () => {
        if (cache.keys().length > 0) throw new Error(`${node.id} has values after a CLEARCACHE`);
        manager.written.push(...this.#history.cleared(node, before, beforeId));
      },
    };
  }

  #denied(reader: SimulatedClient, name: string): void {
    const lines = [
      `STORE ${name}=denied`,
      `REMOVE ${name}`,
      `INCREMENT ${name}=1000000`,
      `DECREMENT ${name}=1000000`,
      `SETANDSTORE sig::denied=denied`,
      'SET sig::denied=1',
      'NOTIFY sig::denied',
      'OVERHEAD GN denied',
      'OVERHEAD GC 1',
      'CLEARCACHE',
    ];
    for (const line of lines) reader.say(line);
  }
}
