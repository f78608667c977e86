import { lineEnd, wireFromText } from '@clacks/protocol';
import type { LogRing } from './log-ring.ts';
import type { AdminUser, UserConnection } from './ports.ts';
import type { HttpSession } from './sessions.ts';
import { SignalSampler } from './signal-sampler.ts';

/** How often signals and lines of the log are told, in ms. */
const tickMs = 250;
const ticksPerS = 1000 / tickMs;
/** How often something is sent at least, so that it shows when nobody is there any more, in ticks. */
const signOfLifeTicks = 15 * ticksPerS;
/** Parts that wait for a reader: who has not taken them is told less, and of what it missed. */
const waitingMax = 8;
/** For how long nobody may take anything while parts wait, in ms: then it ends. */
const unreadMaxMs = 60_000;
/** Lines of the log that are told at a time. */
const logLinesMax = 200;

/** What is told. */
export interface StreamTopics {
  readonly overview: (() => unknown) | undefined;
  readonly logs: LogRing | undefined;
  /** Names and patterns whose signals are told; empty for none. */
  readonly names: readonly string[];
  /** Most signals a second. */
  readonly signalsPerS: number;
}

/** Whether a user may be told that. */
export const mayWatch = (
  { isOpen, mayRead, mayManage }: AdminUser,
  { names, logs }: Pick<StreamTopics, 'names' | 'logs'>,
): boolean => {
  if (!isOpen || (names.length > 0 && !mayRead)) return false;
  return logs === undefined ? mayRead || mayManage : mayManage;
};

/** Who takes what is told. */
export interface StreamReader {
  /** Monotonic ms. */
  readonly now: () => number;
  /** Whether its connection is closed: an answer that waited for another one is not told so. */
  readonly isGone: () => boolean;
  /** Has taken nothing for so long that its connection is of no use. */
  readonly unread: () => void;
  /** The stream is over. Comes once. */
  readonly ended: () => void;
}

const encoder = new TextEncoder();

const formatEvent = (event: string, data: unknown): Uint8Array =>
  // JSON has no line breaks.
  encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/** Tells somebody what happens, as Server-Sent Events, as fast as it is taken and no faster. */
export class LiveStream {
  readonly #session: HttpSession;
  readonly #topics: StreamTopics;
  readonly #reader: StreamReader;
  readonly #sampler: SignalSampler;
  #listener: UserConnection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #ticks = 0;
  #logSerial: number;
  #unreadSinceMs: number | undefined;

  /** @throws Problem if the session has too many. */
  constructor(session: HttpSession, topics: StreamTopics, reader: StreamReader) {
    session.beginStream();
    this.#session = session;
    this.#topics = topics;
    this.#reader = reader;
    this.#sampler = new SignalSampler(Math.max(1, Math.floor(topics.signalsPerS / ticksPerS)));
    this.#logSerial = topics.logs?.newest ?? 0;
  }

  /** Whose it is. */
  get username(): string {
    return this.#session.user.username;
  }

  /** What the answer consists of. Ends when nobody reads it, or the session is over. */
  get body(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          this.#begin();
        },
        cancel: () => {
          this.#end();
        },
      },
      new CountQueuingStrategy({ highWaterMark: waitingMax }),
    );
  }

  /** Ends it. */
  close(): void {
    if (this.#timer === undefined) return;
    this.#end();
    this.#controller?.close();
  }

  #begin(): void {
    this.#timer = setInterval(() => {
      this.#tick();
    }, tickMs);
    const { names, overview } = this.#topics;
    if (names.length > 0) this.#listen(this.#session.user, names);
    if (overview !== undefined) this.#send('overview', overview());
  }

  #listen(user: AdminUser, names: readonly string[]): void {
    let refused = 0;
    this.#listener = user.open('clacks http signals', {
      receive: (lines) => {
        if (lines.startsWith('OVERHEAD E ')) refused++;
        else this.#sampler.add(lines);
      },
      closed: () => {
        this.#listener = undefined;
      },
    });
    this.#listener.say(names.map((name) => `LISTEN ${wireFromText(name)}${lineEnd}`).join(''));
    this.#send('listening', { names: names.length - refused, refused });
  }

  #tick(): void {
    const isOver = this.#session.isOver(this.#reader.now());
    // Its user may have other rights than at the beginning.
    if (isOver || this.#reader.isGone() || !mayWatch(this.#session.user, this.#topics)) {
      this.close();
      return;
    }
    this.#ticks++;
    if ((this.#controller?.desiredSize ?? 0) <= 0) {
      this.#endIfUnread();
      return;
    }
    this.#unreadSinceMs = undefined;
    if (this.#ticks % signOfLifeTicks === 0) this.#send('alive', {});
    const { overview, logs } = this.#topics;
    if (overview !== undefined && this.#ticks % ticksPerS === 0) this.#send('overview', overview());
    const signals = this.#sampler.take();
    if (signals !== undefined) this.#send('signals', signals);
    if (logs !== undefined) this.#sendLogs(logs);
  }

  #endIfUnread(): void {
    const nowMs = this.#reader.now();
    this.#unreadSinceMs ??= nowMs;
    if (nowMs - this.#unreadSinceMs < unreadMaxMs) return;
    this.close();
    this.#reader.unread();
  }

  #sendLogs(logs: LogRing): void {
    const items = logs.after(this.#logSerial, logLinesMax);
    if (items.length > 0) this.#send('logs', { items });
    this.#logSerial = logs.newest;
  }

  #send(event: string, data: unknown): void {
    this.#controller?.enqueue(formatEvent(event, data));
  }

  #end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listener?.close();
    this.#session.endStream(this.#reader.now());
    this.#reader.ended();
  }
}
