import { isTaken, tryListening } from '../../net/port-probe.ts';
import type { Check } from './finding.ts';
import { reasonOf } from './finding.ts';

/** Where one connects to reach who listens on all addresses. */
const reachable: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The address to connect to, of one to listen on. */
export const connectable = (ip: string): string => reachable[ip] ?? ip;

const mends: Readonly<Record<string, string>> = {
  EACCES:
    'take a port from 1024 on, or give the server the right: AmbientCapabilities=CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine has no such address: see ip address',
  ENOTFOUND: 'there is no such host name: give an IP address',
};

/** An address to listen on, for messages. */
export const formatPlace = (ip: string, port: number): string =>
  ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

/**
 * Looks whether an address is taken; if not, whether one can listen there.
 *
 * @param key - What the configuration calls the port.
 * @returns Whether somebody listens there.
 */
export const checkPort = async (
  check: Check,
  { ip, port, key }: { readonly ip: string; readonly port: number; readonly key: string },
  timeoutMs: number,
): Promise<boolean> => {
  const where = formatPlace(ip, port);
  if (port === 0) {
    check.ok(`${ip} takes any free port: not checked`);
    return false;
  }
  try {
    if (await isTaken({ host: connectable(ip), port }, timeoutMs)) return true;
  } catch (error) {
    // Whether it can be listened on says more: this machine may lack the address.
    check.warn(`${where} cannot be reached: ${reasonOf(error)}`, 'look at the firewall');
  }
  try {
    await tryListening(ip, port);
    check.ok(`${where} is free: no server runs there`);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    check.fail(`${where} (${key}): ${reasonOf(error)}`, mends[code] ?? 'choose another address');
  }
  return false;
};
