import { decodeToken, hasFlag, maxBytesBeforeLogin, overheadFlag } from '@clacks/protocol';
import type { Command, OverheadCommand } from '@clacks/protocol';
import { detach } from './detach.ts';
import { rightsOf } from './permissions.ts';
import type { Rights } from './permissions.ts';
import type { Authenticate, BrokerEvents, Permissions } from './ports.ts';
import type { Session } from './session.ts';

/** Whether a command is a login (protocol 6). */
export const isLogin = (command: Command): command is OverheadCommand =>
  command.verb === 'OVERHEAD' &&
  command.text !== '' &&
  hasFlag(command.flags, overheadFlag.authenticate) &&
  !hasFlag(command.flags, overheadFlag.discard);

const isPromise = (
  decision: ReturnType<Authenticate>,
): decision is Promise<Permissions | undefined> => decision !== undefined && 'then' in decision;

/** Checks logins and lets sessions in (protocol 3). */
export class Login {
  readonly #authenticate: Authenticate;
  readonly #events: BrokerEvents;
  readonly #admitted: (session: Session, username: string, rights: Rights) => void;

  /** @param admitted - Called when a session was let in, with what it may do. */
  constructor(
    authenticate: Authenticate,
    events: BrokerEvents,
    admitted: (session: Session, username: string, rights: Rights) => void,
  ) {
    this.#authenticate = authenticate;
    this.#events = events;
    this.#admitted = admitted;
  }

  /**
   * Checks a login token. The session is let in or closed at once, or it is held until the
   * authenticator's promise is settled, then let in or closed, and resumed.
   */
  check(session: Session, token: string): void {
    const credentials = token.length > maxBytesBeforeLogin ? undefined : decodeToken(token);
    if (credentials === undefined) {
      this.#refuse(session, '');
      return;
    }
    const { username, password } = credentials;
    const abort = new AbortController();
    session.state = { kind: 'authenticating', abort };
    try {
      const { facts } = session.port;
      const decision = this.#authenticate(username, password, facts, abort.signal);
      if (isPromise(decision)) void this.#settle(session, username, token, decision);
      else this.#decide(session, username, token, decision);
    } catch (error) {
      this.#giveUp(session, username, error);
    }
  }

  async #settle(
    session: Session,
    username: string,
    token: string,
    decision: Promise<Permissions | undefined>,
  ): Promise<void> {
    try {
      const permissions = await decision;
      // It may have been closed meanwhile.
      if (session.state.kind === 'authenticating')
        this.#decide(session, username, token, permissions);
    } catch (error) {
      if (session.state.kind === 'authenticating') this.#giveUp(session, username, error);
    }
    session.port.resume();
  }

  #decide(
    session: Session,
    username: string,
    token: string,
    permissions: Permissions | undefined,
  ): void {
    if (permissions === undefined) {
      this.#refuse(session, username);
      return;
    }
    const rights = rightsOf(permissions);
    session.state = { kind: 'ready', username };
    session.hasLoggedIn = true;
    session.token = permissions.interclacks === true ? detach(token) : '';
    session.send('OVERHEAD O Welcome!');
    this.#events.loggedIn(session.port.cid, username);
    // After a promise the broker's time is that of its last call, which is near enough here.
    this.#admitted(session, username, rights);
  }

  #refuse(session: Session, username: string): void {
    this.#events.loginFailed(session.port, username);
    session.send('OVERHEAD F Login failed!');
    session.close('login_failed');
  }

  /** The check itself failed: that says nothing about the password, and clients may try again. */
  #giveUp(session: Session, username: string, error: unknown): void {
    this.#events.loginFailed(session.port, username, error);
    session.send('OVERHEAD E login_unavailable');
    session.close('login_unavailable');
  }
}
