import { LineSplitter } from '@clacks/protocol';
import { tokenOf } from './node.ts';
import type { SimulatedNode } from './node.ts';
import { SimulatedPort } from './port.ts';

/** A client on the same machine as its node: nothing is ever on its way. */
export class SimulatedClient {
  readonly node: SimulatedNode;
  /** Lines of signals that it received. */
  readonly signals: string[] = [];
  readonly #port: SimulatedPort;
  readonly #lines = new LineSplitter(1024 * 1024);
  #unhandled: (() => void)[] = [];

  constructor(node: SimulatedNode, username: 'writer' | 'reader') {
    this.node = node;
    this.#port = new SimulatedPort(node, {
      send: (lines) => {
        this.#receive(lines);
      },
      closed: () => undefined,
    });
    this.#port.handled = () => {
      for (const handled of this.#unhandled.splice(0)) handled();
    };
    node.act(() => {
      this.#port.session = node.broker.open(this.#port);
    });
    this.say([`CLACKS ${username}`, `OVERHEAD A ${tokenOf(username)}`]);
    if (username === 'reader') this.say(['LISTEN sig::**']);
  }

  /**
   * Sends lines.
   *
   * @param handled - Called when the node has handled them: it may be locked.
   */
  say(lines: readonly string[], handled: () => void = () => undefined): void {
    this.#unhandled.push(handled);
    this.node.act(() => {
      this.#port.receive(lines.map((line) => `${line}\r\n`).join(''));
    });
  }

  #receive(lines: string): void {
    this.#lines.push(lines);
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (line.startsWith('SET ')) this.signals.push(line);
    }
  }
}
