import { decodeToken, hasFlag, maxBytesBeforeLogin, overheadFlag } from '@clacks/protocol';
import type { Command, OverheadCommand } from '@clacks/protocol';
import { detach } from './detach.ts';
import { rightsOf } from './permissions.ts';
import type { Rights } from './permissions.ts';
import type { Authenticate, BrokerEvents, Permissions } from './ports.ts';
import { ready } from './session.ts';
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
  #authenticate: Authenticate;
  readonly #events: BrokerEvents;
  readonly #admitted: (session: Session, rights: Rights) => void;

  /** @param admitted - Called when a session was let in, with what it may do. */
  constructor(
    authenticate: Authenticate,
    events: BrokerEvents,
    admitted: (session: Session, rights: Rights) => void,
  ) {
    this.#authenticate = authenticate;
    this.#events = events;
    this.#admitted = admitted;
  }

  /** Asks somebody else from now on, also about logins that are being checked. */
  setAuthenticate(authenticate: Authenticate): void {
    this.#authenticate = authenticate;
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
    const authenticate = this.#authenticate;
    session.state = { kind: 'authenticating', abort };
    try {
      const { facts } = session.port;
      const decision = authenticate(username, password, facts, abort.signal);
      if (isPromise(decision)) {
        // Whom it asks may have been replaced meanwhile: then what was said does not count.
        const isOutdated = (): boolean => this.#authenticate !== authenticate;
        void this.#settle(session, username, token, decision, isOutdated);
      } else this.#decide(session, username, token, decision);
    } catch (error) {
      this.#giveUp(session, username, error);
    }
  }

  async #settle(
    session: Session,
    username: string,
    token: string,
    decision: Promise<Permissions | undefined>,
    isOutdated: () => boolean,
  ): Promise<void> {
    try {
      const permissions = await decision;
      // It may have been closed meanwhile.
      if (session.state.kind === 'authenticating') {
        if (isOutdated()) this.check(session, token);
        else this.#decide(session, username, token, permissions);
      }
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
    session.state = ready;
    session.hasLoggedIn = true;
    session.username = username;
    session.token = permissions.interclacks === true ? detach(token) : '';
    session.send('OVERHEAD O Welcome!');
    this.#events.loggedIn(session.port.cid, username);
    // After a promise the broker's time is that of its last call, which is near enough here.
    this.#admitted(session, rights);
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
