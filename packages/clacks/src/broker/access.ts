import type { Command } from '@clacks/protocol';
import type { Broker } from './broker.ts';
import type { CommandSpec } from './command-table.ts';
import { unlisten } from './commands/signal.ts';
import { permissionBit } from './permissions.ts';
import type { Rights } from './permissions.ts';
import type { Session } from './session.ts';

type Needs = Pick<CommandSpec<never>, 'needs' | 'writesAll'>;

/**
 * Whether a session may send a command (protocol 4): it has the permission, and that for the name in
 * it.
 */
export const isWithinRights = (
  session: Session,
  { needs, writesAll }: Needs,
  command: Command,
): boolean => {
  if (needs === 'none') return true;
  if ((session.permissions & permissionBit[needs]) === 0) return false;
  if (writesAll === true) return session.writable === undefined;
  const scope = needs === 'read' ? session.readable : session.writable;
  return scope === undefined || !('name' in command) || scope.covers(command.name);
};

/** A session may do that from now on: what it had asked for before may not be its right any more. */
export const applyRights = (
  broker: Broker,
  session: Session,
  username: string,
  rights: Rights,
): void => {
  const { bits, readable, maxMessagesPerSecond = broker.options.maxMessagesPerSecond } = rights;
  session.grant(rights);
  broker.rateLimits.assign(session, username, maxMessagesPerSecond, broker.monotonicMs);
  const mayRead = (bits & permissionBit.read) !== 0;
  for (const name of [...session.names]) {
    const isReadable = mayRead && readable?.covers(name) !== false;
    if (!isReadable) unlisten(broker, session, { verb: 'UNLISTEN', name });
  }
  if ((bits & permissionBit.manage) === 0) broker.monitors.delete(session);
  if ((bits & permissionBit.interclacks) === 0 && session.link !== undefined) {
    broker.links.requested(session, false);
  }
};
