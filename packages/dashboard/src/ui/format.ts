const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A count: 12,345; shorter from a million on. */
export const formatCount = (count: number): string =>
  Math.abs(count) < 1_000_000 ? number.format(count) : compact.format(count);

/** Bytes, in the unit that fits. */
export const formatBytes = (bytes: number): string => {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${number.format(value)} ${byteUnits[unit] ?? ''}`;
};

/** How long something took or takes: `3 ms`, `12 s`, `4 h 5 min`. */
export const formatDuration = (ms: number): string => {
  if (Math.abs(ms) < 1000) return `${number.format(ms)} ms`;
  const s = Math.round(ms / 1000);
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min ${s % 60} s`;
  const h = Math.floor(min / 60);
  return h < 24 ? `${h} h ${min % 60} min` : `${Math.floor(h / 24)} d ${h % 24} h`;
};

/** A time of today, in ms since 1970. */
export const formatTime = (atMs: number): string => time.format(atMs);

/** A time, with its day. */
export const formatDateTime = (atMs: number): string => dateTime.format(atMs);
