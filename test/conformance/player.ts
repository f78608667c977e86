import { once } from 'node:events';
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { encodeToken, LineSplitter } from '@clacks/protocol';
import { closed } from './recording.ts';
import type { Step } from './recording.ts';

const users: Readonly<Record<string, readonly [username: string, password: string]>> = {
  admin: ['admin', 'adminpass'],
  rw: ['rwuser', 'rwpass'],
  ro: ['rouser', 'ropass'],
  wo: ['wouser', 'wopass'],
  none: ['nouser', 'nopass'],
  bad: ['admin', 'wrong'],
};

const tokenOf = (user: string): string => {
  const [username, password] = users[user] ?? ['', ''];
  return encodeToken({ username, password });
};

const normalized = (line: string): string =>
  line
    .replace(/^CLACKS .*?( in interclacks master mode)?$/u, 'CLACKS <server>$1')
    .replace(/unixdomainsocket:[\d.]+:\d+/gu, '<cid>')
    .replace(/HOST=unixdomainsocket;PORT=[\d.]+:\d+;/gu, 'HOST=unixdomainsocket;PORT=<port>;')
    .replace(/^OVERHEAD T .*/u, 'OVERHEAD T <time>')
    .replace(/^KEYSYNC [\d.]+ [1-9][\d.]* /u, 'KEYSYNC <time> <time> ')
    .replace(/^KEYSYNC [\d.]+ 0 /u, 'KEYSYNC <time> 0 ')
    .replace(/LASTPING=[\d.]+/gu, 'LASTPING=<time>')
    .replace(/(OUT|IN)BUFFER_LENGTH=\d+/gu, '$1BUFFER_LENGTH=<n>')
    .replace(/\(\d+ bytes discarded from outbuffer\)/u, '(<n> bytes discarded from outbuffer)');

const fence = 'conformance-fence';

/** One client of a scenario. */
class Player {
  readonly #socket: net.Socket;
  readonly #splitter = new LineSplitter(1024 * 1024);
  readonly #ended: Promise<unknown>;
  #received: string[] = [];
  #isReady = false;
  #isClosed = false;
  #isMidLine = false;
  #fencePassed = false;
  #changed: () => void = () => undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#ended = once(socket, 'close');
    socket.on('data', (data) => {
      this.#splitter.push(data.toString('latin1'));
      for (let line = this.#splitter.next(); line !== undefined; line = this.#splitter.next()) {
        this.#receive(line);
      }
      this.#changed();
    });
    socket.on('close', () => {
      this.#isClosed = true;
      this.#received.push(closed);
      this.#changed();
    });
    socket.on('error', () => undefined);
  }

  write(bytes: string): void {
    if (this.#isClosed) return;
    this.#isMidLine = !bytes.endsWith('\n');
    this.#socket.write(bytes, 'latin1');
  }

  /** Waits until that many lines are there, or the connection is closed. */
  async waitFor(count: number): Promise<void> {
    while (this.#received.length < count && !this.#isClosed) await this.#change();
  }

  /** Waits until the server has handled everything that was sent, and what it did has arrived. */
  async passFence(): Promise<void> {
    if (!this.#isReady || this.#isClosed || this.#isMidLine) return;
    this.#fencePassed = false;
    this.write(`FLUSH ${fence}\r\n`);
    while (!this.#hasPassedFence()) await this.#change();
  }

  take(): string[] {
    const received = this.#received;
    this.#received = [];
    return received;
  }

  async destroy(): Promise<void> {
    this.#socket.destroy();
    await this.#ended;
  }

  #hasPassedFence(): boolean {
    return this.#fencePassed || this.#isClosed;
  }

  #receive(line: string): void {
    if (line === `FLUSHED ${fence}`) this.#fencePassed = true;
    else if (!line.includes(fence)) this.#received.push(line);
    if (line === 'OVERHEAD O Welcome!') this.#isReady = true;
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#changed = resolve;
    });
  }
}

/** Plays scenarios against a server and tells what every connection received at each step. */
export class Stage {
  readonly #socketPath: string;
  readonly #players = new Map<string, Player>();

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Plays one step. Waits for what is expected, then makes sure that nothing else comes. */
  async play(step: Step): Promise<Record<string, string[]>> {
    if (step.connect !== undefined) {
      const socket = net.connect(this.#socketPath);
      await once(socket, 'connect');
      this.#players.set(step.connect, new Player(socket));
    }
    if (step.on !== undefined) this.#get(step.on).write(this.#bytesOf(step));
    if (step.cidOf !== undefined) await this.#disconnect(step.cidOf, step.via ?? '');
    return this.#received(step);
  }

  /** Ends the scenario: waits until the server has no connections left. */
  async clear(): Promise<void> {
    for (const player of this.#players.values()) await player.destroy();
    await setImmediate();
  }

  #get(name: string): Player {
    const player = this.#players.get(name);
    if (player === undefined) throw new Error(`the scenario has no connection ${name}`);
    return player;
  }

  #bytesOf({ raw, send = [] }: Step): string {
    if (raw !== undefined) return raw;
    const lines = send.map((line) =>
      line.replaceAll(/\{token:(\w+)\}/gu, (_, user: string) => tokenOf(user)),
    );
    return `${lines.join('\r\n')}\r\n`;
  }

  async #disconnect(clientInfo: string, via: string): Promise<void> {
    const player = this.#get(via);
    player.write('CLIENTLIST\r\n');
    await player.passFence();
    const entry = player.take().find((line) => line.includes(`CLIENTINFO=${clientInfo};`)) ?? '';
    player.write(`CLIENTDISCONNECT ${/CID=([^;]+);/u.exec(entry)?.[1] ?? 'not found'}\r\n`);
  }

  async #received(step: Step): Promise<Record<string, string[]>> {
    const acting = step.on ?? step.via;
    if (acting !== undefined) await this.#get(acting).passFence();
    for (const [name, lines] of Object.entries(step.receive)) {
      await this.#get(name).waitFor(lines.length);
    }
    const received: Record<string, string[]> = {};
    for (const [name, player] of this.#players) {
      await player.passFence();
      const lines = player.take().map(normalized);
      if (lines.length > 0) received[name] = lines;
    }
    return received;
  }
}
