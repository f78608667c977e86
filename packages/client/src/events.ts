import type { ClacksClientError } from './errors.ts';
import type { Signal } from './signal.ts';

/** The events of a {@link Client}. */
export interface ClientEvents {
  /** Any signal that this client listens to. */
  signal: Signal;
  /** The connection is lost. */
  disconnected: {
    /** In words: `QUIT` or `TIMEOUT` if the server said so. */
    readonly reason: string;
    readonly error: ClacksClientError;
    readonly willReconnect: boolean;
  };
  /** There is a connection again, and everything is listened to again. */
  reconnected: {
    /** How many attempts it took. */
    readonly attempts: number;
    /** For how long there was no connection, in ms. Signals of that time are lost. */
    readonly downMs: number;
  };
  /** Something that was written will not be sent. */
  dropped: {
    readonly lines: number;
    readonly bytes: number;
    readonly error: ClacksClientError;
  };
  /**
   * A handler of `watch()` will get no more values, though nobody stopped it: the server does not let
   * this client read the name (`CLACKS_ERR_DENIED`), or there will be no connection any more.
   */
  watchEnded: { readonly name: string; readonly error: ClacksClientError };
  /** There will be no connection any more; with the error, if it is not by our own wish. */
  closed: { readonly error: ClacksClientError | undefined };
  /** The server has something to say (OVERHEAD M). */
  message: string;
  /** The server reports an error, such as `permission_denied` (OVERHEAD E). */
  serverError: string;
  /** Any other OVERHEAD message, such as a name to be remembered (flags `GN`). */
  overhead: { readonly flags: string; readonly text: string };
  /** A line of the MONITOR mirror, without `DEBUG`. */
  debug: string;
  /** Any received line. */
  line: string;
}
