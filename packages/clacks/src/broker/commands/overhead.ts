import { forwardedFlags, hasFlag, lineEnd, overheadFlag } from '@clacks/protocol';
import type { OverheadCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import { permissionBit } from '../permissions.ts';
import type { PermissionBits } from '../permissions.ts';
import type { Session } from '../session.ts';

const neededPermissions = (flags: string): PermissionBits =>
  (hasFlag(flags, overheadFlag.closeAll) || hasFlag(flags, overheadFlag.shutdown)
    ? permissionBit.manage
    : 0) |
  (hasFlag(flags, overheadFlag.forward) ? permissionBit.write : 0) |
  (hasFlag(flags, overheadFlag.interclacks) ? permissionBit.interclacks : 0);

/** Perl's notion of a true text. */
const isTrue = (text: string): boolean => text !== '' && text !== '0';

const forward = (broker: Broker, session: Session, { flags, text }: OverheadCommand): void => {
  const lines = `OVERHEAD ${forwardedFlags(flags)} ${text}${lineEnd}`;
  const toSender = hasFlag(flags, overheadFlag.returnToSender);
  for (const each of broker.sessions.values()) {
    // A node that has only just connected may be the one that this comes from.
    const isReached = each.hasLoggedIn && each.link?.status.state !== 'authenticating';
    if (isReached && (each !== session || toSender)) each.port.send(lines);
  }
};

/** Longest message that who may write some names only forwards to everybody, in bytes. */
const maxMessageLength = 1024;

/**
 * Whether who may write some names only forwards more than a message for people: what it says with
 * other flags could mean something to everybody.
 */
const isBeyondNames = ({ writable }: Session, { flags, text }: OverheadCommand): boolean =>
  writable !== undefined &&
  hasFlag(flags, overheadFlag.forward) &&
  (text.length > maxMessageLength || !/^[GNUZ]+$/u.test(flags));

const isForwarded = (flags: string): boolean =>
  hasFlag(flags, overheadFlag.forward) &&
  !hasFlag(flags, overheadFlag.clock) &&
  !hasFlag(flags, overheadFlag.lock) &&
  !hasFlag(flags, overheadFlag.interclacks);

/** Takes leave of every connection; other nodes are to do so too, if it is forwarded. */
const closeAll = (broker: Broker, sender: Session, isForwarded: boolean): void => {
  for (const session of [...broker.sessions.values()]) {
    if (isForwarded && session.link !== undefined && session !== sender) {
      session.send('OVERHEAD GC 1');
    }
    session.send('QUIT');
    session.close('disconnected_by_manager');
  }
};

/** `OVERHEAD flags text` from a client that has logged in (protocol 6). */
export const overhead = (broker: Broker, session: Session, command: OverheadCommand): void => {
  const { flags, text } = command;
  if (flags === '' || text === '') return;
  const needed = neededPermissions(flags);
  if ((session.permissions & needed) !== needed || isBeyondNames(session, command)) {
    broker.deny(session);
    return;
  }
  if (hasFlag(flags, overheadFlag.discard)) return;
  if (hasFlag(flags, overheadFlag.authenticate)) {
    broker.authenticate(session, text);
    return;
  }
  if (hasFlag(flags, overheadFlag.interclacks)) broker.links.requested(session, isTrue(text));
  if (hasFlag(flags, overheadFlag.error)) broker.events.errorReceived(session.port.cid, text);
  // A clock that is forwarded is somebody else's.
  if (hasFlag(flags, overheadFlag.clock) && !hasFlag(flags, overheadFlag.forward)) {
    const theirs = Number(text);
    if (Number.isFinite(theirs)) session.clockOffsetMs = broker.nowUs / 1000 - theirs * 1000;
  }
  if (hasFlag(flags, overheadFlag.shutdown)) broker.scheduleShutdown(session, Number(text));
  if (hasFlag(flags, overheadFlag.closeAll) && isTrue(text)) {
    closeAll(broker, session, hasFlag(flags, overheadFlag.forward));
    return;
  }
  if (isForwarded(flags)) forward(broker, session, command);
};
