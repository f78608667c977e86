import { readFile } from 'node:fs/promises';
import type { ServerConfig } from '../../config/schema.ts';
import { Check } from './finding.ts';
import type { Finding } from './finding.ts';

/** Files that a server has open besides its connections, with something to spare. */
const otherFiles = 200;

/** How many files a server that was started from here could have open: Node.js takes what it may. */
const ownLimit = async (): Promise<number | undefined> => {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8');
    const [, hard] = /^Max open files +\S+ +(\S+)/mu.exec(limits) ?? [];
    return hard === 'unlimited' ? Infinity : Number(hard);
  } catch {
    // Other systems than Linux do not tell in this way.
    return undefined;
  }
};

/**
 * Compares how many files can be open with how many connections there may be.
 *
 * @param ofServer - The limit of the server that runs, if it is known.
 */
export const checkOpenFiles = async (
  { maxConnections }: ServerConfig,
  ofServer: number | undefined,
): Promise<readonly Finding[]> => {
  const check = new Check('open files');
  const limit = ofServer ?? (await ownLimit());
  const whose = ofServer === undefined ? 'a server started from here' : 'the server';
  if (limit === undefined || Number.isNaN(limit)) {
    check.ok('this system does not tell how many files can be open: not checked');
    return check.findings;
  }
  const limited = `${whose} can have ${limit} files open`;
  const wanted = maxConnections + otherFiles;
  const raise = `raise it: ulimit -Hn ${wanted} as root, or LimitNOFILE=${wanted} of its systemd unit`;
  if (maxConnections === 0) {
    check.warn(
      `${limited}, but takes any number of connections: <maxconnections> is 0`,
      `set <maxconnections> to ${Math.max(1, limit - otherFiles)} or less`,
    );
  } else if (limit < wanted) {
    check.warn(
      `${limited}, too few for ${maxConnections} connections (<maxconnections>)`,
      `${raise}; or set <maxconnections> to ${Math.max(1, limit - otherFiles)}`,
    );
  } else check.ok(`${limited}, enough for ${maxConnections} connections`);
  return check.findings;
};
