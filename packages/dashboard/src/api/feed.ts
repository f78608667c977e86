import { apiUrl } from './requests.ts';

/** Waits between attempts, in ms: they double up to the longest. */
const waitMinMs = 500;
const waitMaxMs = 5000;
/** The server says something every 15 s at least. */
const silenceMaxMs = 40_000;

/**
 * How long a page that nobody looks at keeps its feeds, in ms: browsers have six connections to a
 * server for all pages together, and those that are hidden must not use them up.
 */
const hiddenMaxMs = 10_000;

/** What a feed is made with. */
export interface FeedOptions {
  readonly topics?: readonly ('overview' | 'logs')[];
  readonly names?: readonly string[];
  /** Signals a second that are shown at most. */
  readonly rate?: number;
  /** By event, what is to be done with its data. */
  readonly handlers: Readonly<Record<string, (data: never) => void>>;
  /** Is asked before each attempt: resolves to whether somebody is logged in, once that is known. */
  readonly mayOpen: () => Promise<boolean>;
  /** Is told when events come, and when they have stopped to. */
  readonly changed?: (isLive: boolean) => void;
}

/**
 * Events of the server, as they happen. A feed that breaks off is opened again, for as long as
 * somebody is logged in: a page that has been asleep, or whose server was away, goes on by itself.
 */
export class Feed {
  readonly #options: FeedOptions;
  #source: EventSource | undefined;
  #timer: number | undefined;
  #hiddenTimer: number | undefined;
  #waitMs = waitMinMs;
  #isClosed = false;
  #isLive = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    addEventListener('online', this.#retryNow);
    document.addEventListener('visibilitychange', this.#looked);
    void this.#open();
  }

  /** Ends it. */
  close(): void {
    this.#isClosed = true;
    removeEventListener('online', this.#retryNow);
    document.removeEventListener('visibilitychange', this.#looked);
    clearTimeout(this.#timer);
    clearTimeout(this.#hiddenTimer);
    this.#source?.close();
  }

  async #open(): Promise<void> {
    this.#timer = undefined;
    const mayOpen = await this.#options.mayOpen();
    if (this.#isClosed || !mayOpen) return;
    const { topics = [], names = [], rate, handlers } = this.#options;
    const query = apiUrl('stream', { topics: topics.join(','), rate });
    const source = new EventSource(
      query + names.map((name) => `&name=${encodeURIComponent(name)}`).join(''),
    );
    this.#source = source;
    source.addEventListener('open', () => {
      this.#waitMs = waitMinMs;
      this.#setLive(true);
      this.#watch();
    });
    source.addEventListener('error', () => {
      this.#failed();
    });
    source.addEventListener('alive', () => {
      this.#watch();
    });
    for (const [event, handle] of Object.entries(handlers)) {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        this.#watch();
        handle(JSON.parse(data) as never);
      });
    }
    this.#watch();
  }

  /** A connection that is half open makes no error: it is silent. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#failed();
    }, silenceMaxMs);
  }

  #failed(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    this.#setLive(false);
    this.#timer = setTimeout(() => void this.#open(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, waitMaxMs);
  }

  /** The network is back, or somebody looks at the page again. */
  readonly #retryNow = (): void => {
    if (this.#source !== undefined || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#open();
  };

  /** The page was hidden, or somebody looks at it again. */
  readonly #looked = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.#rest();
      }, hiddenMaxMs);
      return;
    }
    this.#retryNow();
  };

  /** Ends until somebody looks at the page again. */
  #rest(): void {
    this.#failed();
    // What waits is begun by the look.
    clearTimeout(this.#timer);
  }

  #setLive(isLive: boolean): void {
    if (this.#isLive === isLive) return;
    this.#isLive = isLive;
    this.#options.changed?.(isLive);
  }
}
