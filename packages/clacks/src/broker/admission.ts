import type { Broker } from './broker.ts';
import { unlisten } from './commands/signal.ts';
import { permissionBit } from './permissions.ts';
import type { Rights } from './permissions.ts';
import type { Session } from './session.ts';

/** A session listens to nothing any more. */
export const forgetNames = (broker: Broker, session: Session): void => {
  for (const name of session.names) broker.listeners.remove(name, session);
  broker.nameBytes -= session.nameBytes;
  session.forgetNames();
};

/** A session's user may send as much from now on as its rights say, or else the settings. */
export const limitRate = (broker: Broker, session: Session): void => {
  const perSecond = session.maxMessagesPerSecond ?? broker.options.maxMessagesPerSecond;
  broker.rateLimits.assign(session, perSecond, broker.monotonicMs);
};

/** A session has those rights from now on: what it had asked for before may not be one of them. */
export const admit = (broker: Broker, session: Session, rights: Rights): void => {
  const { bits, readable } = rights;
  session.grant(rights);
  limitRate(broker, session);
  const mayRead = (bits & permissionBit.read) !== 0;
  for (const name of [...session.names]) {
    const isReadable = mayRead && readable?.covers(name) !== false;
    if (!isReadable) unlisten(broker, session, { verb: 'UNLISTEN', name });
  }
  if ((bits & permissionBit.manage) === 0) broker.monitors.delete(session);
  if ((bits & permissionBit.interclacks) === 0 && session.link !== undefined) {
    broker.links.requested(session, false);
  }
  // Other timeouts hold from now on.
  broker.look(session, broker.monotonicMs);
};

const permit = (broker: Broker, session: Session, rights: Rights): void => {
  const mayLink = (rights.bits & permissionBit.interclacks) !== 0;
  if (!mayLink) session.token = '';
  // Without its token, which is kept of those only who may, it cannot be made a link.
  const lost = session.token === '' ? permissionBit.interclacks : permissionBit.none;
  admit(broker, session, { ...rights, bits: rights.bits & ~lost });
};

const removeUser = (session: Session): void => {
  session.send('OVERHEAD E user_removed');
  session.send('QUIT');
  session.close('user_removed');
};

/**
 * Gives everybody who has logged in the rights that their user has now, and closes those whose user
 * is gone.
 *
 * @param rights - By username.
 */
export const applyUsers = (broker: Broker, rights: ReadonlyMap<string, Rights>): void => {
  for (const session of [...broker.sessions.values()]) {
    if (!session.hasLoggedIn || session.state.kind === 'closing') continue;
    const ofUser = rights.get(session.username);
    if (ofUser === undefined) removeUser(session);
    else permit(broker, session, ofUser);
  }
};
