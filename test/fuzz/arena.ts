import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Server } from 'clacks';
import { checkedLines } from './answers.ts';
import { linesOf, senders } from './input.ts';
import type { Input } from './input.ts';
import { Talker } from './talker.ts';
import { authenticate, mainToken } from './users.ts';

/** Bugs put in by hand: what a client reports is not logged, but ends in an error, or never. */
const failing = (entry: string): void => {
  if (!entry.includes('"msg":"client reports an error"')) return;
  while (entry.includes('"text":"hang"'));
  throw new Error('a bug put in by hand');
};

/** Small limits, so that inputs run into them. */
const limits = {
  maxLineLength: 4096,
  maxOutbuffer: 1024 * 1024,
  maxBuffered: 4 * 1024 * 1024,
  maxCacheEntries: 256,
  maxCacheBytes: 64 * 1024,
  // Cleaning goes by a timer: when it comes would not be the same twice.
  cacheCleanIntervalMs: 24 * 24 * 3600 * 1000,
  // Logins that fail are slowed down, by a quarter of this at most: else it would mostly wait.
  authTimeoutMs: 40,
};

/** What is in the cache before each input: names that inputs use, in all states. */
const preparation = [
  'CLEARCACHE',
  'STORE a=1',
  'STORE b=text',
  'STORE c=18446744073709551615',
  'INCREMENT d=0.5',
  'STORE e=1',
  'REMOVE e',
];

/** Whether the input may change what others have stored: only who can write can push it out. */
const mayDrop = (input: Input): boolean => {
  const lines = linesOf(input);
  return (
    lines.length > limits.maxCacheEntries / 2 ||
    input.bytes.length + lines.length * 250 > limits.maxCacheBytes / 2 ||
    lines.some((line) => /^CLEAR(?:CACHE|ED)/u.test(line))
  );
};

/** Whether the input may send something to everybody. */
const mayForward = (input: Input): boolean =>
  linesOf(input).some((line) => /^OVERHEAD +\S*G/u.test(line));

/** A server, and two clients that watch whether it serves them right. */
export class Arena {
  readonly #path: string;
  readonly #server: Server;
  readonly #speaker: Talker;
  readonly #listener: Talker;
  readonly #secret: string;
  #serial = 0;
  #nodeId = '';

  private constructor(
    socketPath: string,
    server: Server,
    secret: string,
    speaker: Talker,
    listener: Talker,
  ) {
    this.#path = socketPath;
    this.#server = server;
    this.#secret = secret;
    this.#speaker = speaker;
    this.#listener = listener;
  }

  /**
   * @param secret - The beginning of names that no input knows.
   * @param isSabotaged - Whether the server has a bug.
   */
  static async start(name: string, secret: string, isSabotaged: boolean): Promise<Arena> {
    const socketPath = path.join(tmpdir(), `clacks-fuzz-${process.pid}-${name}.sock`);
    const write = isSabotaged ? failing : () => undefined;
    const server = new Server({
      config: { sockets: [socketPath], ...limits },
      authenticate,
      // What is logged is hostile as well.
      logger: pino({ level: 'debug' }, { write }),
    });
    await server.start();
    const [speaker, listener] = [
      await Talker.connect(socketPath),
      await Talker.connect(socketPath),
    ];
    for (const talker of [speaker, listener]) {
      talker.send(`OVERHEAD A ${mainToken}`);
      await talker.read('OVERHEAD O Welcome!');
    }
    const arena = new Arena(socketPath, server, secret, speaker, listener);
    await arena.#learnNodeId();
    return arena;
  }

  /** What the server calls itself on links: another name in each. */
  get nodeId(): string {
    return this.#nodeId;
  }

  /** Brings the server into the state that it has before each input. */
  async prepare(): Promise<void> {
    this.#serial++;
    this.#listener.send(`LISTEN ${this.#name}`, 'PING', `FLUSH ${this.#name}`);
    this.#speaker.send('PING', ...preparation, `STORE ${this.#name}=kept`, `FLUSH ${this.#name}`);
    await this.#speaker.read(`FLUSHED ${this.#name}`);
    await this.#listener.read(`FLUSHED ${this.#name}`);
  }

  /**
   * Lets an input in over a connection of its own, looks whether the others are served right
   * meanwhile, and closes the connection.
   *
   * @param cut - Cuts all that is sent into chunks.
   * @returns What the server has answered.
   */
  async play(input: Input, cut: (text: string) => readonly string[]): Promise<readonly string[]> {
    const talker = await Talker.connect(this.#path);
    const end = `end${this.#serial}`;
    const login = input.sender === 'stranger' ? senders.reader : [];
    const before = senders[input.sender].map((line) => `${line}\r\n`).join('');
    const after = ['', ...login, `FLUSH ${end}`, ''].join('\r\n');
    await talker.sendChunks(cut(before + input.bytes + after));
    const lines = checkedLines(await talker.read(`FLUSHED ${end}`));
    await this.#checkOthers(input);
    await talker.close();
    return lines;
  }

  /** How many connections the server has. */
  async countConnections(): Promise<number> {
    this.#speaker.send('CLIENTLIST');
    const lines = await this.#speaker.read('CLIENTLISTEND');
    return lines.filter((line) => line.startsWith('CLIENT ')).length;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await rm(this.#path, { force: true });
  }

  get #name(): string {
    return `${this.#secret}::${this.#serial}`;
  }

  async #learnNodeId(): Promise<void> {
    const slave = await Talker.connect(this.#path);
    slave.send(...senders.node, 'FLUSH linked');
    const lines = await slave.read('FLUSHED linked');
    this.#nodeId = /^NODE (\S+)/mu.exec(lines.join('\n'))?.[1] ?? '';
    await slave.close();
  }

  async #checkOthers(input: Input): Promise<void> {
    const name = this.#name;
    const done = `done ${name}`;
    this.#speaker.send(`RETRIEVE ${name}`, `SET ${name}=said`, `FLUSH ${done}`);
    const answers = await this.#read(this.#speaker, done, input);
    const isKept = answers[0] === `RETRIEVED ${name}=kept`;
    const isDropped = answers[0] === `NOTRETRIEVED ${name}` && mayDrop(input);
    if (answers.length !== 1 || !(isKept || isDropped)) {
      throw new Error(`another client was answered ${JSON.stringify(answers)}`);
    }
    this.#listener.send(`UNLISTEN ${name}`, `FLUSH ${done}`);
    const signals = await this.#read(this.#listener, done, input);
    if (signals.length !== 1 || signals[0] !== `SET ${name}=said`) {
      throw new Error(`another client received ${JSON.stringify(signals)}`);
    }
  }

  async #read(talker: Talker, done: string, input: Input): Promise<string[]> {
    const lines = checkedLines(await talker.read(`FLUSHED ${done}`));
    if (lines.pop() !== `FLUSHED ${done}`) throw new Error('another client was closed');
    return mayForward(input) ? lines.filter((line) => !line.startsWith('OVERHEAD ')) : lines;
  }
}
