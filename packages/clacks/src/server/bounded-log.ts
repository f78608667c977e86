import type { Logger } from 'pino';

/** Lines of a kind that are written in a minute, unless told otherwise. */
const linesOfKind = 100;
const windowMs = 60_000;

interface Kind {
  readonly level: 'debug' | 'info' | 'warn';
  readonly most: number;
  lines: number;
}

/** Of what happens all the time, too. */
export const linesOfUsual = 1000;

/**
 * Tells of what may come in floods, since strangers can make it happen: what is too much in a minute
 * is only counted, and told when that minute is over.
 */
export class BoundedLog {
  readonly #logger: Logger;
  /** By message, of this minute. */
  readonly #kinds = new Map<string, Kind>();
  #window: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * @param message - One of a few: what differs is in the details.
   * @param most - Lines of this kind in a minute.
   */
  tell(
    level: Kind['level'],
    details: Record<string, unknown>,
    message: string,
    most = linesOfKind,
  ): void {
    this.#window ??= setTimeout(() => {
      this.flush();
    }, windowMs).unref();
    let kind = this.#kinds.get(message);
    if (kind === undefined) {
      kind = { level, most, lines: 0 };
      this.#kinds.set(message, kind);
    }
    kind.lines++;
    if (kind.lines <= most) this.#logger[level](details, message);
  }

  /** Tells how much was left out, and begins anew. */
  flush(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    for (const [message, { level, most, lines }] of this.#kinds) {
      const leftOut = lines - most;
      if (leftOut > 0) this.#logger[level]({ leftOut }, `more of: ${message}`);
    }
    this.#kinds.clear();
  }
}
