import { ClacksClientError } from './errors.ts';

/** A request that waits for its answer. */
export interface PendingRequest {
  /**
   * Looks at a received line.
   *
   * @returns `done` if the line ends the answer, `part` if it belongs to it, `no` if it does not.
   */
  take(line: string): 'done' | 'part' | 'no';
  /** The answer will not come. */
  fail(error: ClacksClientError): void;
}

/**
 * The requests that wait for answers. A server answers in order, so an answer to a later request
 * says that earlier ones will not be answered any more: they were denied. `OVERHEAD E
 * permission_denied` itself does not say what was denied, and may be about a SET.
 *
 * A request that was given up stays here, so that its late answer is not taken for another's.
 */
export class PendingRequests {
  #waiting: PendingRequest[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  add(request: PendingRequest): void {
    this.#waiting.push(request);
  }

  /** Hands a received line to the request it belongs to, and tells whether there is one. */
  take(line: string): boolean {
    for (const [index, request] of this.#waiting.entries()) {
      const taken = request.take(line);
      if (taken === 'no') continue;
      const denied = this.#waiting.splice(0, index);
      if (taken === 'done') this.#waiting.shift();
      for (const earlier of denied) {
        earlier.fail(
          new ClacksClientError('CLACKS_ERR_DENIED', 'The server did not permit the request.'),
        );
      }
      return true;
    }
    return false;
  }

  /** Fails all requests. */
  failAll(error: ClacksClientError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) request.fail(error);
  }
}

type Take = PendingRequest['take'];

/** Recognises the answer to `RETRIEVE name`; hands out the value, as on the wire. */
export const takeRetrieved = (name: string, found: (value: string | undefined) => void): Take => {
  const prefix = `RETRIEVED ${name}=`;
  const nothing = `NOTRETRIEVED ${name}`;
  return (line) => {
    if (line.startsWith(prefix)) found(line.slice(prefix.length));
    else if (line === nothing) found(undefined);
    else return 'no';
    return 'done';
  };
};

/** Recognises an answer that is one certain line. */
export const takeLine = (expected: string): Take => {
  return (line) => (line === expected ? 'done' : 'no');
};

/** Recognises a list such as `KEYLISTSTART`, `KEY …`, `KEYLISTEND`; collects its items. */
export const takeList = (verb: string, itemVerb: string, items: string[]): Take => {
  const prefix = `${itemVerb} `;
  let started = false;
  return (line) => {
    if (!started) {
      started = line === `${verb}START`;
      return started ? 'part' : 'no';
    }
    if (line === `${verb}END`) return 'done';
    if (!line.startsWith(prefix)) return 'no';
    items.push(line.slice(prefix.length));
    return 'part';
  };
};
