import { pino } from 'pino';
import type { Logger } from 'pino';
import type { Authenticate } from '../broker/ports.ts';
import { loadConfig } from '../config/load.ts';
import { resolveConfig } from '../config/resolve.ts';
import type { ServerConfigInput } from '../config/resolve.ts';
import { createAuthenticator } from './authenticator.ts';
import type { ListenAddress } from './listeners.ts';
import { prepareStore } from './kept-cache.ts';
import { LoginLog } from './login-log.ts';
import { readMaster } from './master.ts';
import { Node } from './node.ts';
import { ServerStateError } from './server-state-error.ts';
import type { ServerStatistics } from './statistics.ts';
import { tlsNotices } from './tls-notices.ts';

/** What a {@link Server} is made with. */
export interface ServerOptions {
  /** The configuration, or the path of the XML file that holds it (docs/configuration.md). */
  readonly config: ServerConfigInput | string;
  /**
   * Decides about logins in place of the configuration's users (protocol 10.4), which need not be
   * given then. May be asynchronous: the connection waits.
   *
   * @example
   * ```ts
   * const authenticate: Authenticate = async (username, password, { certificateSubject }) => {
   *   const account = await accounts.check(username, password);
   *   if (account === undefined) return undefined;
   *   return { read: ['Kitchen::**'], write: ['Kitchen::Heater::*'], manage: false };
   * };
   * ```
   */
  readonly authenticate?: Authenticate;
  /** Where to log; nowhere by default. */
  readonly logger?: Logger;
}

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'starting'; readonly opening: Promise<Node> }
  | { readonly kind: 'running'; readonly node: Node }
  | { readonly kind: 'stopped' };

/**
 * A Clacks node, to run by itself or inside another program.
 *
 * @example
 * ```ts
 * const server = new Server({ config: 'clacks.xml' });
 * await server.start();
 * console.log(server.address);
 * await server.stop();
 * ```
 */
export class Server implements AsyncDisposable {
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  #state: State = { kind: 'new' };
  #stopping: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;

  /** Settles when the server has stopped, at whoever's wish. */
  readonly stopped: Promise<void>;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#logger = options.logger ?? pino({ level: 'silent' });
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /** Where the server listens: one for each `ip` and `socket`; empty unless it is running. */
  get address(): readonly ListenAddress[] {
    return this.#state.kind === 'running' ? this.#state.node.addresses : [];
  }

  /** What the server has done since it was started; `undefined` unless it is running. */
  get statistics(): ServerStatistics | undefined {
    return this.#state.kind === 'running' ? this.#state.node.statistics : undefined;
  }

  /**
   * Reads the configuration and begins to listen. A server can be started once.
   *
   * @throws ConfigError (`CLACKS_ERR_CONFIG`) if the configuration is wrong.
   * @throws StoreError (`CLACKS_ERR_STORE`) if the kept cache cannot be used as it is.
   * @throws ListenError (`CLACKS_ERR_LISTEN`) if an address or socket path cannot be used.
   * @throws ServerStateError (`CLACKS_ERR_SERVER_STATE`) if it was started before.
   */
  async start(): Promise<void> {
    if (this.#state.kind !== 'new')
      throw new ServerStateError('was started before; make a new one');
    const opening = this.#openNode();
    this.#state = { kind: 'starting', opening };
    try {
      this.#state = { kind: 'running', node: await opening };
    } catch (error) {
      this.#state = { kind: 'stopped' };
      this.#resolveStopped();
      throw error;
    }
    this.#logger.info({ address: this.address }, 'listening');
  }

  /**
   * Takes leave of every connection, waits until they are gone (5 s at most), and frees the
   * addresses. Waits for a start that is under way. Calling it again waits for the same end.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Same as {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #openNode(): Promise<Node> {
    const { config: given, authenticate } = this.#options;
    const needsUsers = authenticate === undefined;
    const config =
      typeof given === 'string' ? await loadConfig(given) : resolveConfig(given, needsUsers);
    for (const notice of [...config.notices, ...(await tlsNotices(config.tls))]) {
      this.#logger.warn(notice);
    }
    const master = await readMaster(config);
    if (master?.warning !== undefined) this.#logger.warn(master.warning);
    const store = await prepareStore(config, this.#logger);
    const loginLog = new LoginLog(this.#logger);
    const node = new Node({
      config,
      authenticate: createAuthenticator(config, authenticate, loginLog),
      logger: this.#logger,
      loginLog,
      master,
      store,
      shutdownRequested: () => {
        void this.stop();
      },
    });
    await node.restore();
    await node.open();
    return node;
  }

  async #stop(): Promise<void> {
    // Whether it could start is told to the caller of start().
    if (this.#state.kind === 'starting') await Promise.allSettled([this.#state.opening]);
    if (this.#state.kind === 'running') {
      const { node } = this.#state;
      await node.close();
      this.#logger.info('stopped');
    }
    this.#state = { kind: 'stopped' };
    this.#resolveStopped();
  }
}
