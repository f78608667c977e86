import { admit } from './admission.ts';
import type { Broker } from './broker.ts';
import { permissionBit } from './permissions.ts';
import type { Rights } from './permissions.ts';
import type { ConnectionPort } from './ports.ts';
import { ready } from './session.ts';
import type { Session } from './session.ts';

/**
 * Opens a session for somebody whose login was checked elsewhere in this process: it is not greeted,
 * need not ping, and never becomes a link. Everything else is as for other sessions.
 */
export const openFor = (
  broker: Broker,
  port: ConnectionPort,
  username: string,
  rights: Rights,
): Session => {
  const session = broker.opened(port);
  session.state = ready;
  session.hasLoggedIn = true;
  session.username = username;
  session.pingTimeoutOff = true;
  admit(broker, session, { ...rights, bits: rights.bits & ~permissionBit.interclacks });
  return session;
};

/** What a session may do now. */
export const rightsOfSession = (session: Session): Rights => ({
  bits: session.permissions,
  readable: session.readable,
  writable: session.writable,
  maxMessagesPerSecond: session.maxMessagesPerSecond,
});
