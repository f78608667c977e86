import type { Broker } from './broker.ts';
import { unlisten } from './commands/signal.ts';
import { permissionBit, rightsOf } from './permissions.ts';
import type { Permissions, Rights } from './permissions.ts';
import type { Session } from './session.ts';

/** A session listens to nothing any more. */
export const forgetNames = (broker: Broker, session: Session): void => {
  for (const name of session.names) broker.listeners.remove(name, session);
  session.forgetNames();
};

/** A session has those rights from now on: what it had asked for before may not be one of them. */
export const admit = (broker: Broker, session: Session, rights: Rights): void => {
  const { bits, readable, maxMessagesPerSecond } = rights;
  session.grant(rights);
  const perSecond = maxMessagesPerSecond ?? broker.options.maxMessagesPerSecond;
  broker.rateLimits.assign(session, session.username, perSecond, broker.monotonicMs);
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

const permit = (broker: Broker, session: Session, permissions: Permissions): void => {
  // Without its token, which is kept of those only who may, it cannot be made a link.
  const interclacks = permissions.interclacks === true && session.token !== '';
  if (!interclacks) session.token = '';
  admit(broker, session, rightsOf({ ...permissions, interclacks }));
};

const removeUser = (session: Session): void => {
  session.send('OVERHEAD E user_removed');
  session.send('QUIT');
  session.close('user_removed');
};

/**
 * Gives everybody who has logged in the permissions that their user has now, and closes those whose
 * user is gone.
 *
 * @param permissionsOf - What a user may do; `undefined` if there is no such user.
 */
export const applyUsers = (
  broker: Broker,
  permissionsOf: (username: string) => Permissions | undefined,
): void => {
  for (const session of [...broker.sessions.values()]) {
    if (!session.hasLoggedIn || session.state.kind === 'closing') continue;
    const permissions = permissionsOf(session.username);
    if (permissions === undefined) removeUser(session);
    else permit(broker, session, permissions);
  }
};
