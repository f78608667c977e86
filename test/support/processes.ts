import { readdir, readFile } from 'node:fs/promises';

/** The processes that a process has started and whose command line contains a text. */
export const childrenOf = async (parent: number, text: string): Promise<number[]> => {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    try {
      const stat = await readFile(`/proc/${name}/stat`, 'latin1');
      const [, , , ppid] = /^(\d+) \(.*\) (\S) (\d+)/su.exec(stat) ?? [];
      const command = await readFile(`/proc/${name}/cmdline`, 'latin1');
      if (Number(ppid) === parent && command.includes(text)) found.push(Number(name));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
};
