import type { Context } from 'hono';
import { getCookie, deleteCookie, setCookie } from 'hono/cookie';
import type { HttpBindings } from '@hono/node-server';
import type { ApiSession } from './api-types.ts';
import { peerOf } from './peer.ts';
import type { Peer } from './peer.ts';
import type { AdminPort, AdminUser } from './ports.ts';
import { Problem } from './problem.ts';
import type { HttpSession, HttpSessions } from './sessions.ts';

/** What requests bring with them. */
export interface SiteEnv {
  Bindings: HttpBindings;
  /** Who sends it, where somebody has to be logged in. */
  Variables: { session: HttpSession };
}

/** A request and its answer. */
export type SiteContext = Context<SiteEnv>;

/** What somebody needs to be allowed something. */
export type Need =
  /** To read or to manage. */
  'view' | 'read' | 'manage';

/** What pages of this server send along with a change: others cannot without being asked about it. */
const changeHeader = 'x-clacks';

/** What a user may do, for its page. */
export const describeUser = ({
  username,
  mayRead,
  mayWrite,
  mayManage,
}: AdminUser): ApiSession => ({
  username,
  read: mayRead,
  write: mayWrite,
  manage: mayManage,
});

/** Browsers do not tell apart the ports of a host: two nodes on one would take each other's. */
const cookieName = (context: SiteContext, { isSecure }: Peer): string => {
  const name = `clacks-${context.env.incoming.socket.localPort ?? 0}`;
  return isSecure ? `__Host-${name}` : name;
};

const credentialsOf = (header: string): { username: string; password: string } | undefined => {
  const [scheme = '', encoded = ''] = header.split(' ');
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
};

/** Knows who sends a request, and whether it may. */
export class Access {
  readonly #port: AdminPort;
  readonly #sessions: HttpSessions;
  readonly #isProxy: (address: string) => boolean;

  /** @param isProxy - Whether to take an address's word for who asks it. */
  constructor(port: AdminPort, sessions: HttpSessions, isProxy: (address: string) => boolean) {
    this.#port = port;
    this.#sessions = sessions;
    this.#isProxy = isProxy;
  }

  /**
   * Logs in, and has the browser keep the session.
   *
   * @throws Problem (as a rejection) if not.
   */
  async login(context: SiteContext, username: string, password: string): Promise<HttpSession> {
    const user = await this.#check(context, username, password, context.req.raw.signal);
    const { secret, session } = this.#sessions.begin(user);
    // Who logs in anew is not somebody else besides.
    this.#endKept(context);
    const peer = this.#peerOf(context);
    setCookie(context, cookieName(context, peer), secret, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: peer.isSecure,
      path: '/',
    });
    return session;
  }

  /** Ends the session that the browser has kept, if there is one. */
  logout(context: SiteContext): void {
    this.#endKept(context);
    const peer = this.#peerOf(context);
    deleteCookie(context, cookieName(context, peer), { path: '/', secure: peer.isSecure });
  }

  /** Who sends a request, if that is known. */
  async identify(context: SiteContext): Promise<HttpSession | undefined> {
    const header = context.req.header('authorization');
    if (header !== undefined) return this.#ofHeader(context, header);
    const secret = this.#keptSecret(context);
    return secret === undefined ? undefined : this.#sessions.find(secret);
  }

  /** Whether the browser has kept a session of another run of the server. */
  isOfOtherRun(context: SiteContext): boolean {
    const secret = this.#keptSecret(context);
    return secret !== undefined && this.#sessions.isOfOtherRun(secret);
  }

  /**
   * Who sends a request, if it may.
   *
   * @throws Problem (as a rejection) if not.
   */
  async require(context: SiteContext, need: Need): Promise<HttpSession> {
    const session = await this.identify(context);
    if (session === undefined) throw new Problem('not_logged_in', 'Log in first.');
    const { mayRead, mayManage } = session.user;
    const may = { view: mayRead || mayManage, read: mayRead, manage: mayManage }[need];
    if (may) return session;
    const missing = need === 'view' ? 'read or manage' : need;
    throw new Problem('permission_denied', `That needs the permission ${missing}.`);
  }

  /**
   * Sees to it that a change comes from a page of this server, or from no browser: the cookie alone
   * says nothing about that.
   *
   * @throws Problem if not.
   */
  requireOwnPage(context: SiteContext): void {
    const { req } = context;
    const refuse = (why: string): never => {
      throw new Problem('foreign_origin', why);
    };
    if (req.header(changeHeader) !== '1') refuse(`A change needs the header ${changeHeader}: 1.`);
    const site = req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin' && site !== 'none') {
      refuse('The change comes from a page of another site.');
    }
    const origin = req.header('origin');
    if (origin === undefined) return;
    const host = URL.canParse(origin) ? new URL(origin).host : undefined;
    // A proxy may speak TLS in place of this server: the host is the same then.
    if (host !== req.header('host')) refuse('The change comes from a page of another origin.');
  }

  #peerOf({ env }: SiteContext): Peer {
    return peerOf(env.incoming, this.#isProxy);
  }

  #keptSecret(context: SiteContext): string | undefined {
    return getCookie(context, cookieName(context, this.#peerOf(context)));
  }

  #endKept(context: SiteContext): void {
    const secret = this.#keptSecret(context);
    if (secret !== undefined) this.#sessions.end(secret);
  }

  #ofHeader(context: SiteContext, header: string): Promise<HttpSession> {
    const credentials = credentialsOf(header);
    if (credentials === undefined) {
      throw new Problem('not_logged_in', 'Of Authorization, only Basic is understood.');
    }
    const { username, password } = credentials;
    return this.#sessions.ofCredentials(
      username,
      password,
      this.#port.usersVersion,
      context.req.raw.signal,
      (signal) => this.#check(context, username, password, signal),
    );
  }

  async #check(
    context: SiteContext,
    username: string,
    password: string,
    signal: AbortSignal,
  ): Promise<AdminUser> {
    const user = await this.#port.login(username, password, this.#peerOf(context).address, signal);
    if (user === 'refused') throw new Problem('login_failed', 'Wrong username or password.');
    if (user === 'unavailable') {
      throw new Problem('login_unavailable', 'The login could not be checked. Try again.');
    }
    if (user.mayRead || user.mayManage) return user;
    user.close();
    throw new Problem('permission_denied', 'That needs the permission read or manage.');
  }
}
