/** V8 copies shorter parts of a string; longer ones keep the whole string alive. */
const shortestSlice = 13;

/** Copying such a short one by hand takes less time than a call that does it. */
export const fewBytes = 64;
/** For these no buffer has to be made. */
const scratch = Buffer.allocUnsafeSlow(1024);

/**
 * Copies a wire string that was cut out of a received chunk, so that keeping it does not keep the
 * whole chunk in memory. Every wire string that outlives its line goes through here.
 */
export const detach = (wire: string): string => {
  const { length } = wire;
  if (length < shortestSlice) return wire;
  if (length > scratch.length) return Buffer.from(wire, 'latin1').toString('latin1');
  if (length > fewBytes) scratch.write(wire, 'latin1');
  else for (let index = 0; index < length; index++) scratch[index] = wire.charCodeAt(index);
  return scratch.toString('latin1', 0, length);
};

/** The same of a part of what came in that is there as bytes. */
export const detachBytes = (bytes: Uint8Array, start: number, end: number): string => {
  const length = end - start;
  if (length > fewBytes) return Buffer.from(bytes.subarray(start, end)).toString('latin1');
  for (let index = 0; index < length; index++) scratch[index] = bytes[start + index] ?? 0;
  return scratch.toString('latin1', 0, length);
};
