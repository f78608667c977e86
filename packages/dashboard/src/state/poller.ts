import { effect, signal } from '@preact/signals';
import { messageOf, RequestError } from '../api/requests.ts';
import { isLive } from './node.ts';
import { session } from './session.ts';

/** How long after an answer it is asked again if nothing else is said, in ms. */
const refreshMsDefault = 2000;

const away = 'The server does not answer.';

/**
 * Reads something again and again while it is looked at: never twice at a time, and neither while the
 * page is hidden nor while the server is away. It goes on at once when either is over.
 */
export class Poller {
  /** Why what was read may be old, if it may: the last attempt failed, or the server is away. */
  readonly problem = signal('');
  readonly #read: (signal: AbortSignal) => Promise<void>;
  readonly #refreshMs: number;
  #reading: AbortController | undefined;
  #timer: number | undefined;
  #isWanted = false;
  #hasRead = false;
  #isClosed = true;

  /**
   * @param read - Reads once; fails when it is given up.
   * @param refreshMs - How long after an answer it is asked again.
   */
  constructor(read: (signal: AbortSignal) => Promise<void>, refreshMs = refreshMsDefault) {
    this.#read = read;
    this.#refreshMs = refreshMs;
  }

  /**
   * Begins to read.
   *
   * @returns Ends that.
   */
  start(): () => void {
    this.#isClosed = false;
    document.addEventListener('visibilitychange', this.#look);
    const endLive = effect(() => {
      if (isLive.value) this.readNow();
      else if (this.#hasRead) this.problem.value = away;
    });
    return () => {
      endLive();
      this.#isClosed = true;
      document.removeEventListener('visibilitychange', this.#look);
      clearTimeout(this.#timer);
      this.#reading?.abort();
    };
  }

  /** Reads without a wait, if it has been started: what is on its way already may be old. */
  readNow(): void {
    this.#isWanted = true;
    if (this.#reading === undefined && !this.#isClosed) void this.#run();
  }

  /** Like {@link readNow}; gives up what is on its way. */
  readAnew(): void {
    this.#reading?.abort();
    this.readNow();
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      this.#reading = new AbortController();
      await this.#readOnce(this.#reading.signal);
    }
    this.#reading = undefined;
    if (!this.#isClosed) this.#timer = setTimeout(this.#look, this.#refreshMs);
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.#read(signal);
      this.#hasRead = true;
      // The last answer of a server that is gone.
      this.problem.value = isLive.peek() ? '' : away;
    } catch (error) {
      if (signal.aborted) return;
      this.problem.value = messageOf(error);
      const { code } = error instanceof RequestError ? error : {};
      if (code !== 'unreachable' && code !== 'not_logged_in') return;
      // A server that was started again has forgotten who is logged in.
      this.#isWanted = await session.check();
    }
  }

  readonly #look = (): void => {
    if (!document.hidden && isLive.peek()) this.readNow();
  };
}
