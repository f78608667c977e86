import { signal } from '@preact/signals';
import type { ApiConnection, ApiConnectionOrder, ApiPage } from 'clacks/admin-api';
import { messageOf, request, RequestError } from '../../api/requests.ts';
import { session } from '../../state/session.ts';

/** How long after an answer it is asked again, in ms. */
const refreshMs = 2000;
/** Rows that are read before and after those that can be seen. */
const marginRows = 30;
/** Most rows that the server gives at a time. */
const rowsMax = 1000;

/** What is asked for. */
export interface ConnectionQuestion {
  readonly sort: ApiConnectionOrder;
  readonly order: 'asc' | 'desc';
  readonly filter: string;
}

/**
 * The connections of a node: those rows of the list that can be seen, read again and again. Sorting
 * and filtering is done by the server, so that it does not matter how many there are.
 */
export class ConnectionList {
  /** The rows that were read last. */
  readonly page = signal<ApiPage<ApiConnection>>({ total: 0, offset: 0, items: [] });
  /** Whether they are there. */
  readonly isRead = signal(false);
  /** Why they could not be read, if so. */
  readonly problem = signal('');
  #question: ConnectionQuestion = { sort: 'sinceMs', order: 'desc', filter: '' };
  #first = 0;
  #last = 0;
  #timer: number | undefined;
  #reading: AbortController | undefined;
  #isWanted = false;
  #isClosed = false;

  /**
   * Begins to read.
   *
   * @returns Ends that.
   */
  start(): () => void {
    this.#isClosed = false;
    this.readNow();
    const looksAgain = (): void => {
      if (!document.hidden) this.readNow();
    };
    document.addEventListener('visibilitychange', looksAgain);
    return () => {
      this.#isClosed = true;
      clearTimeout(this.#timer);
      this.#reading?.abort();
      document.removeEventListener('visibilitychange', looksAgain);
    };
  }

  /** Asks something else. */
  ask(question: ConnectionQuestion): void {
    this.#question = question;
    this.#reading?.abort();
    this.readNow();
  }

  /** Is told which rows can be seen. */
  readonly see = (first: number, last: number): void => {
    this.#first = first;
    this.#last = last;
    const { offset, items, total } = this.page.value;
    const isThere = first >= offset && Math.min(last, total - 1) < offset + items.length;
    if (!isThere) this.readNow();
  };

  /** Reads without a wait. */
  readNow(): void {
    // What was there when a question that is on its way was asked may be old.
    this.#isWanted = true;
    if (this.#reading === undefined) void this.#read();
  }

  async #read(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      this.#reading = new AbortController();
      await this.#readOnce(this.#reading.signal);
    }
    this.#reading = undefined;
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      if (!document.hidden) this.readNow();
    }, refreshMs);
  }

  async #readOnce(signal: AbortSignal): Promise<void> {
    const offset = Math.max(0, this.#first - marginRows);
    const limit = Math.min(rowsMax, this.#last + marginRows - offset);
    const query = { ...this.#question, offset, limit };
    try {
      this.page.value = await request({ path: 'connections', query, signal });
      this.isRead.value = true;
      this.problem.value = '';
    } catch (error) {
      if (signal.aborted) return;
      this.problem.value = messageOf(error);
      if (error instanceof RequestError && error.code === 'not_logged_in') void session.check();
    }
  }
}
