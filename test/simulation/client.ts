import { LineSplitter } from '@clacks/protocol';
import { tokenOf } from './node.ts';
import type { SimulatedNode, Username } from './node.ts';
import { SimulatedPort } from './port.ts';
import type { LineWatcher } from './port.ts';

const signalPattern = /^(?:SET|NOTIFY|OVERHEAD GN) (?:sig|mem)::([\w-]+?)(?:=|::)(\d+)$/u;

/** A client on the same machine as its node: nothing is ever on its way. */
export class SimulatedClient {
  readonly node: SimulatedNode;
  /** The serial numbers of the signals that it received. */
  readonly signals = new Set<number>();
  readonly #username: Username;
  readonly #port: SimulatedPort;
  readonly #lines = new LineSplitter(1024 * 1024);
  /** Lines that the node has not taken yet. */
  readonly #waiting: (LineWatcher | undefined)[] = [];
  #current: LineWatcher | undefined;
  /** When each FLUSH was sent that was not answered. */
  readonly #flushesMs: number[] = [];
  readonly #lastSerials = new Map<string, number>();

  constructor(node: SimulatedNode, username: Username) {
    this.node = node;
    this.#username = username;
    this.#port = new SimulatedPort(node, {
      waitingBytes: 0,
      send: (lines) => {
        this.#receive(lines);
      },
      closed: () => undefined,
    });
    this.#port.watcher = {
      takes: () => {
        this.#current = this.#waiting.shift();
        this.#current?.takes();
      },
      handled: () => {
        this.#current?.handled();
      },
    };
    node.act(() => {
      this.#port.session = node.broker.open(this.#port);
    });
    this.#write(`CLACKS ${username}`);
    this.#write(`OVERHEAD A ${tokenOf(username)}`);
    if (username === 'reader') this.#write('LISTEN sig::**');
  }

  /** Sends a line. */
  say(line: string, watcher?: LineWatcher): void {
    this.#write(line, {
      takes: () => {
        if (this.node.isLocked)
          throw new Error(`${this.node.id} handles ${line} while it is locked`);
        watcher?.takes();
      },
      handled: () => {
        watcher?.handled();
      },
    });
  }

  /** Asks for an answer, which has to come before long. */
  flush(): void {
    this.#flushesMs.push(this.node.world.nowMs);
    this.say(`FLUSH ${this.#flushesMs.length}`);
  }

  /** @throws Error if it has been waiting for longer than that. */
  checkWaiting(waitMs: number): void {
    const [sinceMs = Infinity] = this.#flushesMs;
    if (this.node.world.nowMs - sinceMs > waitMs) {
      throw new Error(`${this.node.id} has not answered a FLUSH since ${sinceMs}`);
    }
  }

  #write(line: string, watcher?: LineWatcher): void {
    this.#waiting.push(watcher);
    this.node.act(() => {
      this.#port.receive(`${line}\r\n`);
    });
  }

  #receive(lines: string): void {
    this.#lines.push(lines);
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (line.startsWith('FLUSHED')) {
        this.#flushesMs.shift();
      } else if (this.#username === 'reader') {
        this.#hear(line);
      }
    }
  }

  /** Signals of a sender arrive in order, and once. */
  #hear(line: string): void {
    if (line.includes('denied') && !line.includes('permission_denied')) {
      throw new Error(`${this.node.id} passes on what was denied: ${line}`);
    }
    const [, sender, number] = signalPattern.exec(line) ?? [];
    if (sender === undefined) return;
    const serial = Number(number);
    if (serial <= (this.#lastSerials.get(sender) ?? 0)) {
      throw new Error(`${this.node.id} receives out of order, or twice: ${line}`);
    }
    this.#lastSerials.set(sender, serial);
    this.signals.add(serial);
  }
}
