import type { Command } from '@clacks/protocol';
import type { CommandSpec } from './command-table.ts';
import { permissionBit } from './permissions.ts';
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
  if (scope === undefined || !('name' in command)) return true;
  // Anywhere else than here, a pattern is a name like any other.
  const isListening = command.verb === 'LISTEN' || command.verb === 'UNLISTEN';
  return isListening ? scope.covers(command.name) : scope.allows(command.name);
};
