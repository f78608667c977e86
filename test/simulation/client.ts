import { LineSplitter } from '@clacks/protocol';
import { maxSaveMs } from './disk.ts';
import type { Held } from './history.ts';
import { tokenOf } from './node.ts';
import type { SimulatedNode, Username } from './node.ts';
import { SimulatedPort } from './port.ts';
import type { LineWatcher } from './port.ts';

const signalPattern = /^(?:SET|NOTIFY|OVERHEAD GN) (?:sig|mem)::([\w-]+?)(?:=|::)(\d+)$/u;

const answerPattern = /^(?:FLUSHED|OVERHEAD E not_flushed) (\d+)/u;

/** The longest that a FLUSH takes, in ms: one batch may be too early. */
const flushMs = 2 * maxSaveMs + 1;

/** A FLUSH that was not answered. */
interface Flush {
  readonly serial: number;
  readonly sentAtMs: number;
  /** When the node came to it, if it has. */
  takenAtMs: number | undefined;
  /** What was written before is kept. */
  readonly kept: () => void;
}

/** A client on the same machine as its node: nothing is ever on its way. */
export class SimulatedClient {
  readonly node: SimulatedNode;
  /** The serial numbers of the signals that it received. */
  readonly signals = new Set<number>();
  /** What it has written, and does not know to be kept. */
  readonly written: Held[] = [];
  /** Whether its last FLUSH was refused. */
  wasRefused = false;
  readonly #username: Username;
  readonly #port: SimulatedPort;
  readonly #lines = new LineSplitter(1024 * 1024);
  /** Lines that the node has not taken yet. */
  readonly #waiting: (LineWatcher | undefined)[] = [];
  #current: LineWatcher | undefined;
  #flushes: Flush[] = [];
  #flushSerial = 0;
  #isClosed = false;
  readonly #lastSerials = new Map<string, number>();

  constructor(node: SimulatedNode, username: Username) {
    this.node = node;
    this.#username = username;
    this.#port = new SimulatedPort(node, {
      waitingBytes: 0,
      send: (lines) => {
        this.#receive(lines);
      },
      closed: () => {
        this.#isClosed = true;
        this.#flushes = [];
      },
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

  /**
   * Asks for an answer, which has to come before long.
   *
   * @param kept - Called if what was written before is kept.
   */
  flush(kept: () => void): void {
    if (this.#isClosed) return;
    const { world } = this.node;
    const serial = ++this.#flushSerial;
    const flush: Flush = { serial, sentAtMs: world.nowMs, takenAtMs: undefined, kept };
    this.#flushes.push(flush);
    this.say(`FLUSH ${serial}`, {
      takes: () => {
        flush.takenAtMs = world.nowMs;
      },
      handled: () => undefined,
    });
  }

  /** @throws Error if it has been waiting for longer than that until the node came to a FLUSH. */
  checkWaiting(waitMs: number): void {
    const [first] = this.#flushes;
    if (first === undefined) return;
    const { sentAtMs, takenAtMs } = first;
    const untilMs = takenAtMs === undefined ? sentAtMs + waitMs : takenAtMs + flushMs;
    if (this.node.world.nowMs > untilMs) {
      throw new Error(`${this.node.id} has not answered a FLUSH since ${takenAtMs ?? sentAtMs}`);
    }
  }

  #write(line: string, watcher?: LineWatcher): void {
    if (this.#isClosed) return;
    this.#waiting.push(watcher);
    this.node.act(() => {
      this.#port.receive(`${line}\r\n`);
    });
  }

  #receive(lines: string): void {
    this.#lines.push(lines);
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      const answer = answerPattern.exec(line);
      if (answer !== null) {
        this.#flushed(Number(answer[1]), line);
      } else if (this.#username === 'reader') {
        this.#hear(line);
      }
    }
  }

  #flushed(serial: number, line: string): void {
    const flush = this.#flushes.shift();
    if (flush?.serial !== serial) throw new Error(`${this.node.id} answers with ${line}`);
    this.wasRefused = !line.startsWith('FLUSHED');
    if (!this.wasRefused) flush.kept();
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
