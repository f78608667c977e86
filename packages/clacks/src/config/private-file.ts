import { stat } from 'node:fs/promises';

const groupReads = 0o040;
const othersRead = 0o004;

/**
 * Whether others than its owner can read a file that is to be private. A group may, if the file
 * belongs to somebody else than this process: it is the way in which a service is let read a file
 * of root.
 *
 * @returns Its mode, such as `0644`, if they can. Always `undefined` on Windows, where modes say
 * nothing, and for a file that cannot be looked at: whoever reads it tells.
 */
export const modeOpenToOthers = async (file: string): Promise<string | undefined> => {
  if (process.platform === 'win32') return undefined;
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  const forbidden = stats.uid === process.getuid?.() ? groupReads | othersRead : othersRead;
  if ((stats.mode & forbidden) === 0) return undefined;
  return `0${(stats.mode & 0o777).toString(8)}`;
};
