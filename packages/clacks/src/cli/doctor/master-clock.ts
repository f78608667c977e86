import { hasFlag, lineEnd, overheadFlag, parseCommand } from '@clacks/protocol';
import { identification } from '../../server/identification.ts';
import { newNodeId } from '../../server/identity.ts';
import type { ConnectionSettings } from '../connection-settings.ts';
import { CommandError } from '../exit-code.ts';
import { LineSession } from '../transfer/line-session.ts';

/** What a master said of its clock. */
export interface MasterClock {
  /** What the master calls itself. */
  readonly identification: string;
  /** This machine's clock minus the master's. */
  readonly offsetMs: number;
  /** By how much that may be wrong: half of what it took to ask. */
  readonly errorMs: number;
}

const takeClock = async (session: LineSession): Promise<MasterClock> => {
  let askedAtMs = Date.now();
  await session.send(`OVERHEAD I 1${lineEnd}`);
  for (;;) {
    for (const line of await session.nextLines()) {
      const command = parseCommand(line);
      if (command.verb === 'NODE') {
        // A server of ours tells nothing before it knows who links.
        askedAtMs = Date.now();
        await session.send(`NODE ${newNodeId()} ${session.timeoutMs}${lineEnd}`);
      }
      if (command.verb !== 'OVERHEAD' || hasFlag(command.flags, overheadFlag.forward)) continue;
      if (hasFlag(command.flags, overheadFlag.error)) {
        throw new CommandError(`it refuses the link: ${command.text}`);
      }
      if (!hasFlag(command.flags, overheadFlag.clock)) continue;
      const nowMs = Date.now();
      const errorMs = (nowMs - askedAtMs) / 2;
      const offsetMs = nowMs - errorMs - Number(command.text) * 1000;
      if (!Number.isFinite(offsetMs)) throw new CommandError('it tells a time that is none');
      return { identification: session.identification, offsetMs, errorMs };
    }
  }
};

/**
 * Links to a master for a moment, as a node does that starts (protocol 9), and ends that as soon as the
 * master has told the time: before its entries. The master's log tells of a slave that came and went.
 *
 * @throws UsageError, CommandError if that is not possible, or takes longer than `timeoutMs`.
 */
export const askMasterClock = async (
  settings: ConnectionSettings,
  timeoutMs: number,
): Promise<MasterClock> => {
  const name = `${identification} doctor in interclacks client mode`;
  using session = await LineSession.open(settings, name, timeoutMs);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new CommandError(`it does not tell the time within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([takeClock(session), tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
