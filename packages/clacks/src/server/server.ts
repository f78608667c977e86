import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { webSocketPath } from '../net/websocket-door.ts';
import type { Authenticate, BrokerEvents } from '../broker/ports.ts';
import type { ServerConfigInput } from '../config/resolve.ts';
import type { LogLevel } from '../config/schema.ts';
import { webSocketAddress } from './listeners.ts';
import type { ListenAddress } from './listeners.ts';
import { prepareStore } from './kept-cache.ts';
import { AdminHttp } from './admin-http.ts';
import type { HttpAddress } from './admin-http.ts';
import { LogRing } from '../http/log-ring.ts';
import { LoginLog } from './login-log.ts';
import { recordedLogger } from './recorded-logger.ts';
import { Node } from './node.ts';
import { ServerStateError } from './server-state-error.ts';
import { changeOf, readSettings } from './settings.ts';
import type { ConfigOverrides, Settings } from './settings.ts';
import type { ServerStatistics } from './statistics.ts';

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
  /**
   * Where to log; nowhere by default. Its level is set where the configuration has a `logLevel`.
   */
  readonly logger?: Logger;
  /** The directory of the web page's files; the one that comes with the package by default. */
  readonly dashboard?: string;
  /** Settings that count in place of those of the configuration, also when it is read anew. */
  readonly overrides?: ConfigOverrides;
}

/** What became of a {@link Server.reload}. */
export interface ReloadResult {
  /** Names of the settings that are others now, as the configuration has them. */
  readonly changed: readonly string[];
  /** Names of those that differ, but will only change when the server is started anew. */
  readonly needsRestart: readonly string[];
}

/** A node at work, and what it works with. */
interface Opened {
  readonly node: Node;
  readonly http: AdminHttp | undefined;
  readonly settings: Settings;
}

const builtInDashboard = fileURLToPath(new URL('../dashboard', import.meta.url));

type State =
  | { readonly kind: 'new' }
  | { readonly kind: 'starting'; readonly opening: Promise<Opened> }
  | ({ readonly kind: 'running' } & Opened)
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
  readonly #logs = new LogRing();
  readonly #logger: Logger;
  readonly #loginLog: LoginLog;
  /** How much is logged where the configuration does not say. */
  readonly #logLevel: string;
  #source: ServerConfigInput | string;
  #reloading: Promise<unknown> = Promise.resolve();
  #state: State = { kind: 'new' };
  #stopping: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;

  /** Settles when the server has stopped, at whoever's wish. */
  readonly stopped: Promise<void>;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#logger = recordedLogger(options.logger ?? pino({ level: 'silent' }), this.#logs);
    this.#logLevel = this.#logger.level;
    this.#loginLog = new LoginLog(this.#logger);
    this.#source = options.config;
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  /**
   * Where the server listens for clients: one for each `ip` and `socket`, and of the WebSocket; empty
   * unless it is running.
   */
  get address(): readonly ListenAddress[] {
    if (this.#state.kind !== 'running') return [];
    const { node, http, settings } = this.#state;
    if (http === undefined || settings.config.webSocket?.http !== true) return node.addresses;
    const { host, port, isTls } = http.address;
    return [...node.addresses, webSocketAddress(host, port, isTls)];
  }

  /** Where the admin HTTP listens, if it does; `undefined` unless the server is running. */
  get httpAddress(): HttpAddress | undefined {
    return this.#state.kind === 'running' ? this.#state.http?.address : undefined;
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
      this.#state = { kind: 'running', ...(await opening) };
    } catch (error) {
      this.#state = { kind: 'stopped' };
      this.#resolveStopped();
      throw error;
    }
    this.#logger.info({ address: this.address }, 'listening');
  }

  /**
   * Takes over what is new in the configuration and in the files that it names, without an end of any
   * connection: users, certificates, limits, times, log level (docs/reload.md). If something is wrong,
   * nothing changes. Calls are served one after the other.
   *
   * @param config - The new configuration, of a server that was made from an object; without it, only
   * files are read anew. One that was made from an XML file reads that.
   * @throws ConfigError (`CLACKS_ERR_CONFIG`) if the configuration is wrong.
   * @throws ServerStateError (`CLACKS_ERR_SERVER_STATE`) if the server does not run.
   * @throws TypeError if a configuration is given to a server that has a file.
   */
  reload(config?: ServerConfigInput): Promise<ReloadResult> {
    if (config !== undefined && typeof this.#source === 'string') {
      return Promise.reject(new TypeError('This server takes its configuration from a file.'));
    }
    const reloaded = this.#reloading.then(() => this.#reload(config ?? this.#source));
    this.#reloading = reloaded.catch(() => undefined);
    return reloaded;
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

  async #openNode(): Promise<Opened> {
    const settings = await this.#readSettings(this.#source);
    const { config, tls, master, authenticate } = settings;
    this.#setLogLevel(undefined, config.logLevel);
    for (const notice of settings.notices) this.#logger.warn(notice);
    const store = await prepareStore(config, this.#logger);
    const node = new Node({
      config,
      authenticate,
      logger: this.#logger,
      loginLog: this.#loginLog,
      master,
      store,
      tls,
      reloadRequested: (_cid, done) => {
        void this.#reloadFor(done);
      },
      shutdownRequested: () => {
        void this.stop();
      },
    });
    const http = await this.#openHttp(node, settings);
    try {
      await node.restore();
      await node.open();
    } catch (error) {
      await http?.close();
      throw error;
    }
    return { node, http, settings };
  }

  /** It is there before all others, so that it can tell that they are not. */
  async #openHttp(node: Node, { http, config }: Settings): Promise<AdminHttp | undefined> {
    if (http === undefined) return undefined;
    const { webSocket, authTimeoutMs } = config;
    const options = {
      port: node.admin,
      logs: this.#logs,
      logger: this.#logger,
      dashboard: this.#options.dashboard ?? builtInDashboard,
      requestTimeoutMs: authTimeoutMs,
    };
    return AdminHttp.open(
      http,
      options,
      new Map(webSocket?.http === true ? [[webSocketPath, node.upgrade]] : []),
    );
  }

  #readSettings(source: ServerConfigInput | string): Promise<Settings> {
    const { authenticate, overrides = {} } = this.#options;
    const surroundings = { overrides, authenticate, loginLog: this.#loginLog };
    return readSettings(source, surroundings);
  }

  async #reloadFor(done: Parameters<BrokerEvents['reloadRequested']>[1]): Promise<void> {
    let needsRestart: readonly string[];
    try {
      ({ needsRestart } = await this.reload());
    } catch (error) {
      done((error as Error).message, []);
      return;
    }
    done(undefined, needsRestart);
  }

  async #reload(source: ServerConfigInput | string): Promise<ReloadResult> {
    try {
      this.#runningNode();
      const next = await this.#readSettings(source);
      // It may have been stopped meanwhile.
      const { node, http, settings } = this.#runningNode();
      const hasUsers = this.#options.authenticate === undefined;
      const naming = typeof source === 'string' ? 'xml' : 'object';
      const change = changeOf(settings, next, hasUsers, naming);
      const { httpTls } = change.node;
      if (httpTls !== undefined) http?.replaceTls(httpTls);
      node.change(change.node);
      this.#state = { kind: 'running', node, http, settings: change.settings };
      this.#source = source;
      for (const notice of next.notices) this.#logger.warn(notice);
      this.#tellOfReload(change, settings.config.logLevel, next.config.logLevel);
      const { changed, needsRestart } = change;
      return { changed, needsRestart };
    } catch (error) {
      const { message } = error as Error;
      this.#logger.error({ reason: message }, 'not reloaded: everything stays as it was');
      throw error;
    }
  }

  #setLogLevel(before: LogLevel | undefined, level: LogLevel | undefined): void {
    // Who gave no logger wants none. Where the configuration has named none, it is the logger's matter.
    if (this.#options.logger === undefined) return;
    if (level !== undefined || before !== undefined) this.#logger.level = level ?? this.#logLevel;
  }

  #tellOfReload(
    { changed, needsRestart }: ReloadResult,
    before: LogLevel | undefined,
    level: LogLevel | undefined,
  ): void {
    const told = this.#logger.isLevelEnabled('info');
    if (told) this.#logger.info({ changed }, 'reloaded');
    this.#setLogLevel(before, level);
    // The level that was, or the one that is, may hide it.
    if (!told) this.#logger.info({ changed }, 'reloaded');
    if (needsRestart.length > 0) {
      this.#logger.warn({ needsRestart }, 'some of what is new needs a restart');
    }
  }

  #runningNode(): Opened {
    const state = this.#state;
    if (this.#stopping !== undefined) throw new ServerStateError('stops, or has stopped');
    if (state.kind === 'running') return state;
    throw new ServerStateError(
      state.kind === 'starting' ? 'is starting: reload it when it has started' : 'does not run',
    );
  }

  async #stop(): Promise<void> {
    // Whether it could start is told to the caller of start().
    if (this.#state.kind === 'starting') await Promise.allSettled([this.#state.opening]);
    if (this.#state.kind === 'running') {
      const { node, http } = this.#state;
      await node.close();
      await http?.close();
      this.#logger.info('stopped');
    }
    this.#state = { kind: 'stopped' };
    this.#resolveStopped();
  }
}
