import type { Transport } from './transport.ts';

/** How an attempt to connect ends. One of these is called, once, and not from within its beginning. */
export interface Outcome {
  /** @param transport - What is connected now. It has taken over whatever tells of events. */
  readonly succeed: (transport: Transport) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Tries to connect, until that succeeds, fails, or is given up.
 *
 * @param signal - Gives up with its reason when it is aborted.
 * @param begin - Begins, and returns what closes what it has opened, without a further word.
 */
export const attempt = (
  signal: AbortSignal,
  begin: (outcome: Outcome) => () => void,
): Promise<Transport> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', onAbort);
      discard();
      reject(error);
    };
    const onAbort = (): void => {
      fail(signal.reason as Error);
    };
    const succeed = (transport: Transport): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(transport);
    };
    const discard = begin({ succeed, fail });
    signal.addEventListener('abort', onAbort);
  });
