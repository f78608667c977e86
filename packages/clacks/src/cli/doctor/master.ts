import type { MasterConfig, ServerConfig } from '../../config/schema.ts';
import { readMaster } from '../../server/master.ts';
import { formatAddress } from '../connection-url.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { Check, reasonOf } from './finding.ts';
import type { Finding } from './finding.ts';
import { askMasterClock } from './master-clock.ts';

/** So much two clocks may differ without anybody noticing, in ms. */
const warnOffsetMs = 1000;

const settingsOf = (
  master: MasterConfig,
  { users: [mainUser] }: ServerConfig,
  isVerified: boolean,
): ConnectionSettings => {
  const { ip, port, socket = '', caFile, fingerprint, certFile, keyFile } = master;
  return {
    address: ip === undefined ? { kind: 'unix', path: socket } : { kind: 'tcp', host: ip, port },
    http: undefined,
    username: mainUser?.username ?? '',
    password: mainUser?.password ?? '',
    trust: isVerified ? { ca: caFile, fingerprint } : { insecure: true },
    identity:
      certFile === undefined || keyFile === undefined
        ? undefined
        : { cert: certFile, key: keyFile },
    source: undefined,
  };
};

const reachMaster = async (
  settings: ConnectionSettings,
  timeoutMs: number,
): Promise<readonly Finding[]> => {
  const reached = new Check('master');
  const clock = new Check('clock');
  const where = formatAddress(settings.address);
  try {
    const { identification, offsetMs, errorMs } = await askMasterClock(settings, timeoutMs);
    reached.ok(`${where} takes the login and the link (${identification})`);
    const [seconds, error] = [Math.abs(offsetMs) / 1000, errorMs / 1000];
    const side = offsetMs < 0 ? 'behind' : 'ahead of';
    const message = `this clock is ${seconds.toFixed(3)} s ${side} that of ${where} (± ${error.toFixed(3)} s)`;
    if (Math.abs(offsetMs) - errorMs > warnOffsetMs) {
      clock.warn(message, 'set both by NTP: timedatectl set-ntp true');
    } else clock.ok(message);
  } catch (error) {
    // What lies below names keys of a configuration, not options of commands.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    reached.fail(
      `${where} cannot be linked to: ${reasonOf(cause).replace(/\.$/u, '')}`,
      'check <master> and the main user here, and whether the master runs',
    );
  }
  return [...reached.findings, ...clock.findings];
};

/** Links to the master for a moment, if there is to be one, and compares the clocks. */
export const checkMaster = async (
  config: ServerConfig,
  timeoutMs: number,
): Promise<readonly Finding[]> => {
  // What is wrong with its files has been told before.
  const master = await readMaster(config).catch(() => undefined);
  if (config.master === undefined || master === undefined) return [];
  const { target, warning } = master;
  const check = new Check('master');
  if (warning !== undefined) check.warn(warning, 'say in <master> how to know it');
  const isVerified = target.transport === 'unix' || target.isVerified;
  const settings = settingsOf(config.master, config, isVerified);
  return [...check.findings, ...(await reachMaster(settings, timeoutMs))];
};
