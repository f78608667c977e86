/** V8 copies shorter parts of a string; longer ones keep the whole string alive. */
const shortestSlice = 13;

/**
 * Copies a wire string that was cut out of a received chunk, so that keeping it does not keep the
 * whole chunk in memory. Every wire string that outlives its line goes through here.
 */
export const detach = (wire: string): string =>
  wire.length < shortestSlice ? wire : Buffer.from(wire, 'latin1').toString('latin1');
