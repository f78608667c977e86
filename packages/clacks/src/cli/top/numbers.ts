const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A number in few characters: `7`, `1.5`, `12.3K`, `4M`. */
export const short = (number: number): string => compact.format(number);

/** Bytes, likewise: `12.3KB`. */
export const shortBytes = (bytes: number): string => `${compact.format(bytes)}B`;

/** A time of some ms, for people. */
export const shortMs = (ms: number): string =>
  Math.abs(ms) >= 100 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;

const units = [
  ['d', 24 * 3600],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** How long something has lasted: its two largest parts, such as `3d4h` or `12s`. */
export const duration = (ms: number): string => {
  let seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const number = Math.floor(seconds / length);
    seconds -= number * length;
    if (number > 0 || (parts.length > 0 && parts.length < 2)) parts.push(`${number}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0s' : parts.join('').replace(/(?<=\D)0\D$/u, '');
};
