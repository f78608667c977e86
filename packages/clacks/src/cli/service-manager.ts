import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';

const execute = promisify(execFile);

/**
 * Node.js has no unix datagram sockets, and the libraries that have need a compiler. This program comes
 * with systemd; it waits until the manager has read the message, and so knows whose it was.
 */
const program = 'systemd-notify';

/** How long it may take, in ms, before it is ended: systemd itself gives up sooner. */
const programTimeoutMs = 10_000;

/** Two of three signs of life may be lost. */
const signsPerTimeout = 3;

const take = (environment: NodeJS.ProcessEnv, name: string): string => {
  const value = environment[name] ?? '';
  // What this process starts is not meant.
  Reflect.deleteProperty(environment, name);
  return value;
};

/** How often a watchdog wants a sign of life, in ms; `undefined` if there is none for this process. */
const readWatchdog = (environment: NodeJS.ProcessEnv): number | undefined => {
  const timeoutUs = Number(take(environment, 'WATCHDOG_USEC'));
  const pid = take(environment, 'WATCHDOG_PID');
  const isMeant = pid === '' || Number(pid) === process.pid;
  return isMeant && timeoutUs > 0 ? timeoutUs / 1000 / signsPerTimeout : undefined;
};

/**
 * Tells a service manager (systemd's `Type=notify`, sd_notify(3)) how the server is, where there is one.
 * Messages arrive in the order in which they were given. One that cannot be told is logged.
 */
export class ServiceManager {
  readonly #logger: Logger;
  /** Where it listens: a path, or `@` and the name of an abstract socket; empty if there is none. */
  readonly #socket: string;
  readonly #watchdogMs: number | undefined;
  #telling: Promise<void> = Promise.resolve();
  #watchdog: NodeJS.Timeout | undefined;
  #isStopping = false;
  #hasFailed = false;

  /**
   * @param environment - `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are taken out of it.
   */
  constructor(environment: NodeJS.ProcessEnv, logger: Logger) {
    this.#logger = logger;
    this.#socket = take(environment, 'NOTIFY_SOCKET');
    this.#watchdogMs = readWatchdog(environment);
  }

  /**
   * The server listens, or has been reloaded. From the first time on, the event loop itself sends signs
   * of life where they are wanted: none comes while it hangs.
   *
   * @param status - For people, on one line.
   */
  ready(status: string): void {
    if (this.#isStopping) return;
    void this.#tell('READY=1', `STATUS=${status}`);
    if (this.#watchdogMs === undefined || this.#watchdog !== undefined) return;
    let isWaiting = false;
    const giveSign = async (): Promise<void> => {
      if (isWaiting) return;
      isWaiting = true;
      await this.#tell('WATCHDOG=1');
      isWaiting = false;
    };
    this.#watchdog = setInterval(() => void giveSign(), this.#watchdogMs);
    this.#watchdog.unref();
  }

  /** It reads its configuration anew; {@link ready} follows. */
  reloading(): void {
    if (this.#isStopping) return;
    // Which reload that is shows by the time: `Type=notify-reload` waits for one that is not older.
    const nowUs = process.hrtime.bigint() / 1000n;
    void this.#tell('RELOADING=1', `MONOTONIC_USEC=${nowUs.toString()}`, 'STATUS=Reloading');
  }

  /** It stops, and ends when that is done. Nothing but signs of life comes after it. */
  stopping(): void {
    this.#isStopping = true;
    void this.#tell('STOPPING=1', 'STATUS=Stopping');
  }

  #tell(...variables: readonly string[]): Promise<void> {
    this.#telling = this.#telling.then(() => this.#send(variables));
    return this.#telling;
  }

  async #send(variables: readonly string[]): Promise<void> {
    if (this.#socket === '') return;
    const lines = variables.map((variable) => variable.replaceAll(/\s+/gu, ' '));
    const env = { ...process.env, NOTIFY_SOCKET: this.#socket };
    try {
      await execute(program, ['--', ...lines], { env, timeout: programTimeoutMs });
      this.#hasFailed = false;
    } catch (error) {
      const reason = (error as Error).message.trim();
      // Signs of life would say the same again and again.
      if (!this.#hasFailed) this.#logger.warn({ reason }, 'the service manager cannot be told');
      this.#hasFailed = true;
    }
  }
}
