/** The flags of an OVERHEAD message (protocol 6). */
export const overheadFlag = {
  authenticate: 'A',
  closeAll: 'C',
  /** Go no further than the MONITOR mirror. */
  discard: 'D',
  error: 'E',
  failed: 'F',
  /** Send the message to all other connections. */
  forward: 'G',
  interclacks: 'I',
  lock: 'L',
  informal: 'M',
  notMirrored: 'N',
  succeeded: 'O',
  shutdown: 'S',
  /** The sender's clock. */
  clock: 'T',
  /** With `forward`: also back to the sender. */
  returnToSender: 'U',
  none: 'Z',
} as const;

/** One letter of the flags of an OVERHEAD message. */
export type OverheadFlag = (typeof overheadFlag)[keyof typeof overheadFlag];

const forwardedOrder = Object.values(overheadFlag).filter(
  (flag) => flag !== overheadFlag.returnToSender && flag !== overheadFlag.none,
);

/** Whether the flags of an OVERHEAD message contain that one. */
export const hasFlag = (flags: string, flag: OverheadFlag): boolean => flags.includes(flag);

/**
 * The flags that a forwarded message carries: the known ones in alphabetical order, without U and
 * Z, and "Z" if none are left (protocol 6).
 */
export const forwardedFlags = (flags: string): string =>
  forwardedOrder.filter((flag) => flags.includes(flag)).join('') || overheadFlag.none;
