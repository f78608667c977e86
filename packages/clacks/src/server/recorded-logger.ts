import type { Level, Logger } from 'pino';
import type { LogRing } from '../http/log-ring.ts';

const levels: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const detailsOf = (details: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      value instanceof Error ? value.message : value,
    ]),
  );

/** Levels that are recorded even if nobody keeps the log. */
const isAlwaysRecorded = (level: Level): boolean => level !== 'trace' && level !== 'debug';

/**
 * A logger that does what another one does, and records its lines besides: what that one writes, and
 * the usual levels if it writes nothing.
 */
export const recordedLogger = (logger: Logger, ring: LogRing): Logger => {
  const record = (level: Level, [first, second]: readonly unknown[]): void => {
    if (!logger.isLevelEnabled(level) && !isAlwaysRecorded(level)) return;
    if (typeof first === 'string') ring.add(level, first, {});
    else {
      const message = typeof second === 'string' ? second : '';
      ring.add(level, message, detailsOf(first as Record<string, unknown>));
    }
  };
  const writers = new Map<PropertyKey, unknown>(
    levels.map((level) => [
      level,
      (...entry: readonly [unknown, string?]) => {
        record(level, entry);
        logger[level](...(entry as [object, string?]));
      },
    ]),
  );
  return new Proxy(logger, {
    get: (target, key) => writers.get(key) ?? (Reflect.get(target, key, target) as unknown),
    set: (target, key, value) => Reflect.set(target, key, value, target),
  });
};
