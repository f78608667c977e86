import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import type { ApiConnection, ApiConnectionOrder, ApiPage } from 'clacks/admin-api';
import { request } from '../../api/requests.ts';
import { Poller } from '../../state/poller.ts';

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
  readonly #poller = new Poller((signal) => this.#read(signal));
  #question: ConnectionQuestion = { sort: 'sinceMs', order: 'desc', filter: '' };
  #first = 0;
  #last = 0;

  /** Why they could not be read, if so. */
  get problem(): ReadonlySignal<string> {
    return this.#poller.problem;
  }

  /**
   * Begins to read.
   *
   * @returns Ends that.
   */
  start(): () => void {
    return this.#poller.start();
  }

  /** Asks something else. */
  ask(question: ConnectionQuestion): void {
    this.#question = question;
    this.#poller.readAnew();
  }

  /** Is told which rows can be seen. */
  readonly see = (first: number, last: number): void => {
    this.#first = first;
    this.#last = last;
    const { offset, items, total } = this.page.value;
    const isThere = first >= offset && Math.min(last, total - 1) < offset + items.length;
    if (!isThere) this.#poller.readNow();
  };

  /** Reads without a wait. */
  readNow(): void {
    this.#poller.readNow();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const offset = Math.max(0, this.#first - marginRows);
    const limit = Math.min(rowsMax, this.#last + marginRows - offset);
    const query = { ...this.#question, offset, limit };
    this.page.value = await request({ path: 'connections', query, signal });
    this.isRead.value = true;
  }
}
