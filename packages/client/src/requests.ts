import { ClacksClientError } from './errors.ts';

/** A request that waits for its answer. */
export interface PendingRequest {
  /**
   * Looks at a received line.
   *
   * @returns `done` if the line ends the answer, `part` if it belongs to it, `no` if it does not.
   */
  take(line: string): 'done' | 'part' | 'no';
  /** The answer will not come. Missing if nobody waits for it. */
  readonly fail?: (error: ClacksClientError) => void;
}

/**
 * The requests that wait for answers. A server answers in order, so an answer to a later request
 * says that earlier ones will not be answered any more: they were refused. `OVERHEAD E
 * permission_denied` itself does not say what was denied, and may be about a SET.
 *
 * A request that was given up stays here, so that its late answer is not taken for another's.
 */
export class PendingRequests {
  #waiting: PendingRequest[] = [];
  /** How many of them are answered: shift() on a long array would move all of it. */
  #answered = 0;

  get size(): number {
    return this.#waiting.length - this.#answered;
  }

  /** Whether somebody waits for one of the answers. */
  get isAwaited(): boolean {
    return this.#waiting.some(({ fail }, index) => index >= this.#answered && fail !== undefined);
  }

  add(request: PendingRequest): void {
    this.#waiting.push(request);
  }

  /**
   * Hands a received line to the request it belongs to, and tells whether there is one.
   *
   * @param refusal - What the server said last against a request.
   */
  take(line: string, refusal: string): boolean {
    for (let index = this.#answered; index < this.#waiting.length; index++) {
      const taken = this.#waiting[index]?.take(line) ?? 'no';
      if (taken === 'no') continue;
      const refused = this.#waiting.slice(this.#answered, index);
      this.#answered = taken === 'done' ? index + 1 : index;
      this.#forgetAnswered();
      for (const earlier of refused) earlier.fail?.(denied(refusal));
      return true;
    }
    return false;
  }

  /** Fails all requests. */
  failAll(error: ClacksClientError): void {
    const waiting = this.#waiting.slice(this.#answered);
    this.#waiting = [];
    this.#answered = 0;
    for (const request of waiting) request.fail?.(error);
  }

  #forgetAnswered(): void {
    if (this.#answered * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#answered);
    this.#answered = 0;
  }
}

/** The server did not do what it was asked to; with what it said. */
export const denied = (refusal: string): ClacksClientError =>
  new ClacksClientError('CLACKS_ERR_DENIED', `The server refuses the request: ${refusal}.`);

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

/**
 * Recognises the answer to `FLUSH text`.
 *
 * @param refused - Told why what was written before is not kept, if so.
 */
export const takeFlushed = (text: string, refused: (reason: string) => void): Take => {
  const flushed = `FLUSHED ${text}`;
  const notFlushed = `OVERHEAD E not_flushed ${text} (`;
  return (line) => {
    if (line === flushed) return 'done';
    if (!line.startsWith(notFlushed)) return 'no';
    refused(line.slice(notFlushed.length, -1));
    return 'done';
  };
};

/** How a server answered that was to read its configuration anew. */
export type Reloaded = { readonly needsRestart: readonly string[] } | { readonly failure: string };

/** Recognises the answer to `RELOAD text`. The text has no `(` in it. */
export const takeReloaded = (text: string, answered: (answer: Reloaded) => void): Take => {
  const reloaded = `RELOADED ${text}`;
  const notReloaded = `OVERHEAD E not_reloaded ${text} (`;
  return (line) => {
    if (line === reloaded) {
      answered({ needsRestart: [] });
    } else if (line.startsWith(`${reloaded} (`)) {
      answered({ needsRestart: line.slice(reloaded.length + 2, -1).split(', ') });
    } else if (line.startsWith(notReloaded)) {
      answered({ failure: line.slice(notReloaded.length, -1) });
    } else {
      return 'no';
    }
    return 'done';
  };
};

/**
 * Recognises the answer to a line that was sent as it is, so that it is not taken for the answer to
 * a request. `undefined` if it is a line that has none.
 */
export const takeRawAnswer = (line: string): Take | undefined => {
  const space = line.indexOf(' ');
  const text = line.slice(space + 1);
  switch (space === -1 ? line : line.slice(0, space)) {
    case 'RETRIEVE':
      return takeRetrieved(text, () => undefined);
    case 'FLUSH':
      return takeFlushed(text, () => undefined);
    case 'RELOAD':
      return takeReloaded(text, () => undefined);
    case 'KEYLIST':
      return takeList('KEYLIST', 'KEY');
    case 'CLIENTLIST':
      return takeList('CLIENTLIST', 'CLIENT');
    default:
      return undefined;
  }
};

/** Recognises a list such as `KEYLISTSTART`, `KEY …`, `KEYLISTEND`; collects its items. */
export const takeList = (verb: string, itemVerb: string, items?: string[]): Take => {
  const prefix = `${itemVerb} `;
  let started = false;
  return (line) => {
    if (!started) {
      started = line === `${verb}START`;
      return started ? 'part' : 'no';
    }
    if (line === `${verb}END`) return 'done';
    if (!line.startsWith(prefix)) return 'no';
    items?.push(line.slice(prefix.length));
    return 'part';
  };
};
