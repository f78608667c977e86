import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** Who gets no answer for so long will get none. Much, since the machine may be busy. */
const patienceMs = 10_000;

/** One connection of a client. It reads all that it gets. */
export class Talker {
  readonly #socket: net.Socket;
  #lines: string[] = [];
  #rest = '';
  #isClosed = false;
  #changed: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      const lines = (this.#rest + data.toString('latin1')).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#changed();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      if (this.#rest !== '') this.#lines.push(this.#rest);
      this.#changed();
    });
    // A reset is a way to be closed.
    socket.on('error', () => undefined);
  }

  static async connect(socketPath: string): Promise<Talker> {
    const socket = net.connect(socketPath);
    await once(socket, 'connect');
    return new Talker(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends lines. */
  send(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  }

  /** Sends chunks, each when the server has had its chance to read the one before. */
  async sendChunks(chunks: readonly string[]): Promise<void> {
    for (const chunk of chunks) {
      // Sockets are read between two of these.
      await setImmediate();
      if (this.#isClosed) return;
      this.#socket.write(chunk, 'latin1');
    }
  }

  /**
   * Waits for a line, or until the connection is closed.
   *
   * @returns All lines until then, that one too, each with the CR that ends it.
   * @throws Error if it takes too long.
   */
  async read(last: string): Promise<string[]> {
    let seen = 0;
    for (;;) {
      const end = this.#lines.indexOf(`${last}\r`, seen);
      if (end !== -1) return this.#lines.splice(0, end + 1);
      if (this.#isClosed) return this.#lines.splice(0);
      seen = this.#lines.length;
      await this.#change(`no '${last}' after ${this.#lines.slice(-5).join('|').slice(-500)}`);
    }
  }

  /** Takes leave and waits until the server has closed the connection as well. */
  async close(): Promise<void> {
    this.#socket.end();
    while (!this.#hasClosed()) await this.#change('the connection is not closed');
  }

  #hasClosed(): boolean {
    return this.#isClosed;
  }

  async #change(complaint: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error(`nothing for ${patienceMs} ms: ${complaint}`));
      }, patienceMs);
      this.#changed = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  }
}
