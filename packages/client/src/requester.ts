import { textFromWire } from '@clacks/protocol';
import { ClacksClientError } from './errors.ts';
import { assertTimerMs } from './options.ts';
import { denied, PendingRequests, takeFlushed, takeRawAnswer, takeReloaded } from './requests.ts';
import type { PendingRequest, Reloaded } from './requests.ts';

/** What a request may be told. */
export interface RequestOptions {
  /** Gives the request up when it is aborted. */
  readonly signal?: AbortSignal;
  /** How long it may take, in ms. Default: the client's `requestTimeoutMs`. */
  readonly timeoutMs?: number;
}

interface UrgentOptions extends RequestOptions {
  /** Whether it is sent even if too many requests wait. Default false. */
  readonly isUrgent?: boolean;
}

interface CheckedOptions extends RequestOptions {
  /** Whether it is a command of our own, that the program need not hear of. Default false. */
  readonly isQuiet?: boolean;
}

/** Sends a line if there is a connection; if not, it tells why. */
export type SendNow = (line: string) => ClacksClientError | undefined;

/** Most requests that wait, counting those that were given up and may still be answered. */
const maxPendingRequests = 100_000;

/** Sends requests and pairs the answers with them. */
export class Requester {
  readonly #send: SendNow;
  readonly #timeoutMs: number;
  readonly #pending = new PendingRequests();
  #fences = 0;
  #isFenced = false;
  /** What the server said last, if it was against something. */
  #refusal = 'no answer';
  /** The command between the two fences that the server is at, and what it said against it. */
  #checking: { readonly errors: string[]; readonly isQuiet: boolean } | undefined;

  constructor(send: SendNow, timeoutMs: number) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether an answer may still come. */
  get isBusy(): boolean {
    return this.#pending.size > 0;
  }

  /**
   * Sends a request.
   *
   * @param take - Recognises the answer.
   * @throws ClacksClientError
   */
  request(line: string, take: PendingRequest['take'], options: UrgentOptions = {}): Promise<void> {
    const { signal, timeoutMs = this.#timeoutMs, isUrgent = false } = options;
    assertTimerMs(timeoutMs, 'timeoutMs');
    if (this.#pending.size >= maxPendingRequests && !isUrgent) return Promise.reject(tooMany());
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(aborted(signal));
        return;
      }
      const onAbort = (): void => {
        if (signal !== undefined) fail(aborted(signal));
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (error: ClacksClientError): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => {
        fail(timedOut(line, timeoutMs));
      }, timeoutMs);
      signal?.addEventListener('abort', onAbort);
      const unsendable = this.#send(line);
      if (unsendable !== undefined) {
        fail(unsendable);
        return;
      }
      this.#pending.add({
        take: (received) => {
          const taken = take(received);
          if (taken === 'done') {
            settle();
            resolve();
          }
          return taken;
        },
        fail,
      });
    });
  }

  /**
   * Resolves when the server has handled everything sent before, and has kept it, if it keeps its
   * cache at all.
   *
   * @throws ClacksClientError with `CLACKS_ERR_NOT_KEPT` among others.
   */
  async flush(options?: RequestOptions): Promise<void> {
    let refusal: string | undefined;
    const refused = (reason: string): void => {
      refusal = reason;
    };
    await this.#fence(() => undefined, options, refused);
    if (refusal !== undefined) throw notKept(refusal);
  }

  /**
   * Resolves when the server has answered. It is asked even if so many requests wait that others are
   * rejected: that may be so since nobody is there any more.
   *
   * @throws ClacksClientError with `CLACKS_ERR_TIMEOUT` among others.
   */
  probe(timeoutMs: number): Promise<void> {
    return this.#fence(() => undefined, { timeoutMs, isUrgent: true });
  }

  /**
   * Sends a command that has no answer of its own, between two fences: so it is known whether an
   * error that the server reports is about it.
   *
   * @throws ClacksClientError with `CLACKS_ERR_DENIED` among others.
   */
  async checked(line: string, options: CheckedOptions = {}): Promise<void> {
    const { signal, isQuiet = false } = options;
    // Nothing may happen on the server when it was given up before.
    if (signal?.aborted === true) throw aborted(signal);
    // Both fences or none: an open one would take all later errors for its own.
    if (this.#pending.size + 2 > maxPendingRequests) throw tooMany();
    const errors: string[] = [];
    const first = this.#fence(() => {
      this.#checking = { errors, isQuiet };
    }, options);
    // Whatever fails it fails the second one likewise.
    first.catch(() => undefined);
    this.#send(line);
    await this.#fence(() => {
      this.#checking = undefined;
    }, options);
    if (errors.length > 0) throw denied(errors.join(', '));
  }

  /**
   * Has the server read its configuration anew.
   *
   * @returns What needs a restart.
   * @throws ClacksClientError with `CLACKS_ERR_NOT_RELOADED` among others.
   */
  async reload(options?: RequestOptions): Promise<readonly string[]> {
    this.#fences++;
    const text = `clacks-ts-${this.#fences}`;
    let answer: Reloaded = { needsRestart: [] };
    const take = takeReloaded(text, (given) => {
      answer = given;
    });
    await this.request(`RELOAD ${text}`, take, options);
    return needsRestartOf(answer);
  }

  /** @param refused - Told why what was sent before is not kept, though it was handled. */
  #fence(
    passed: () => void,
    options?: UrgentOptions,
    refused: (reason: string) => void = () => undefined,
  ): Promise<void> {
    this.#fences++;
    const fence = `clacks-ts-${this.#fences}`;
    const answer = takeFlushed(fence, refused);
    // Told at once, not when the promise is handled: by then more lines may have been read.
    const take = (line: string): ReturnType<PendingRequest['take']> => {
      const taken = answer(line);
      if (taken === 'done') passed();
      return taken;
    };
    return this.request(`FLUSH ${fence}`, take, options);
  }

  /** A line was sent as it is: its answer is nobody's. */
  sentRaw(line: string): void {
    const take = takeRawAnswer(line);
    if (take !== undefined) this.#pending.add({ take });
  }

  /** Hands a received line to the request that it answers, and tells whether there is one. */
  take(line: string): boolean {
    return this.#pending.take(line, this.#refusal);
  }

  /**
   * The server reports an error.
   *
   * @returns Whether it is known to be about a command that nobody else knows of.
   */
  errorReceived(text: string): boolean {
    this.#refusal = text;
    this.#checking?.errors.push(text);
    if (this.#checking === undefined) this.#fenceRequests();
    return this.#checking?.isQuiet === true;
  }

  /** The connection is gone: nothing will be answered. */
  lost(error: ClacksClientError): void {
    this.#isFenced = false;
    this.#checking = undefined;
    this.#pending.failAll(error);
  }

  /** An error may be about a request: then it shows when an answer to a later one comes. */
  #fenceRequests(): void {
    if (this.#isFenced || !this.#pending.isAwaited) return;
    this.#isFenced = true;
    const done = (): void => {
      this.#isFenced = false;
    };
    // Told within the answer: the next line that was received may be another error.
    this.#fence(done).catch(done);
  }
}

const tooMany = (): ClacksClientError =>
  new ClacksClientError(
    'CLACKS_ERR_QUEUE_FULL',
    `${maxPendingRequests} requests wait for an answer of the server.`,
  );

const needsRestartOf = (answer: Reloaded): readonly string[] => {
  if ('needsRestart' in answer) return answer.needsRestart;
  throw new ClacksClientError(
    'CLACKS_ERR_NOT_RELOADED',
    `The server goes on as before: ${textFromWire(answer.failure)}`,
  );
};

const notKept = (reason: string): ClacksClientError =>
  new ClacksClientError(
    'CLACKS_ERR_NOT_KEPT',
    `The server has handled what was written, but cannot keep it: ${reason}.`,
  );

const aborted = (signal: AbortSignal): ClacksClientError =>
  new ClacksClientError('CLACKS_ERR_ABORTED', 'The request was given up.', {
    cause: signal.reason,
  });

const timedOut = (line: string, timeoutMs: number): ClacksClientError =>
  new ClacksClientError(
    'CLACKS_ERR_TIMEOUT',
    `The server did not answer within ${timeoutMs} ms: ${line.slice(0, 80)}`,
  );
