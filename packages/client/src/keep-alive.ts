import type { Settings } from './options.ts';

/** What keeping alive needs. */
export interface KeepAliveTasks {
  /** Sends a PING, if this client does so by itself. */
  ping(): void;
  /** How long nothing has been received, in ms; 0 while there is no connection. */
  silentMs(): number;
  /** Asks the server for a sign of life, and gives the connection up if none comes. */
  probe(): void;
  /** This machine has slept: looks now whether there still is a connection. */
  wake(): void;
  /** Sends a name to be remembered. */
  remember(name: string): void;
}

const hourMs = 3_600_000;

/** How often it is looked whether this machine has slept, in ms. */
const lookMs = 10_000;

/** From how long a sleep on it matters, in ms. */
const sleptMs = 5000;

/** By how much the time of day is ahead of the clock that timers and time limits go by, in ms. */
const aheadMs = (): number => Date.now() - performance.now();

/** Pings the server, notices when it is silent or this machine has slept, and remembers the dead. */
export class KeepAlive {
  readonly #settings: Settings;
  readonly #tasks: KeepAliveTasks;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(settings: Settings, tasks: KeepAliveTasks) {
    this.#settings = settings;
    this.#tasks = tasks;
  }

  /** Starts. Its timers do not keep the process running. */
  start(): void {
    const { pingIntervalMs, idleTimeoutMs, remember } = this.#settings;
    this.#every(pingIntervalMs, () => {
      this.#tasks.ping();
    });
    this.#every(idleTimeoutMs / 2, () => {
      if (this.#tasks.silentMs() >= idleTimeoutMs) this.#tasks.probe();
    });
    // That clock stands still while a machine sleeps: a silence of hours may be one of seconds to it.
    let ahead = aheadMs();
    this.#every(lookMs, () => {
      const slept = aheadMs() - ahead >= sleptMs;
      ahead = aheadMs();
      if (slept) this.#tasks.wake();
    });
    if (remember.length === 0) return;
    // "About once an hour": not all clients of a server at the same moment.
    this.#every(hourMs * (0.9 + 0.2 * Math.random()), () => {
      const name = remember[Math.floor(Math.random() * remember.length)];
      if (name !== undefined) this.#tasks.remember(name);
    });
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }

  #every(ms: number, task: () => void): void {
    const timer = setInterval(task, ms);
    // In a browser a timer is a number, and keeps nothing running.
    (timer as Partial<NodeJS.Timeout>).unref?.();
    this.#timers.push(timer);
  }
}
