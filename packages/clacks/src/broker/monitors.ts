import { hasFlag, overheadFlag, parseCommand } from '@clacks/protocol';
import type { Command, OverheadCommand } from '@clacks/protocol';
import type { Session } from './session.ts';

/** A line that monitors are told of. */
interface Handled {
  readonly event: string;
  readonly command: Command;
}

/** A login with a slip in it is no command, but it still holds a password. */
const misspeltOverhead = /^\W*overhead/iu;

const isConfidential = (line: string): boolean => {
  if (!line.startsWith('OVERHEAD ')) return misspeltOverhead.test(line);
  const { flags = '' } = parseCommand(line) as Partial<OverheadCommand>;
  return hasFlag(flags, overheadFlag.authenticate) || hasFlag(flags, overheadFlag.notMirrored);
};

/** Whether a monitor may see what a client sent. */
const mayWatch = ({ readable }: Session, command: Command): boolean => {
  if (readable === undefined) return true;
  if ('name' in command) return readable.covers(command.name);
  // It may hold any name.
  return command.verb !== 'UNKNOWN';
};

/** Sessions that get a copy of everything that clients send (protocol 6). */
export class Monitors {
  readonly #sessions = new Set<Session>();
  /** Handled lines that the monitors have yet to be told of. */
  readonly #untold: Handled[] = [];

  /** Whether nobody watches. */
  get isEmpty(): boolean {
    return this.#sessions.size === 0;
  }

  has(session: Session): boolean {
    return this.#sessions.has(session);
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }

  delete(session: Session): void {
    this.#sessions.delete(session);
  }

  /** Tells of an event. */
  tell(event: string): void {
    for (const monitor of this.#sessions) monitor.send(`DEBUG ${event}`);
  }

  /** Tells of an event that is about a name. */
  tellOf(name: string, event: string): void {
    for (const monitor of this.#sessions) {
      if (monitor.readable?.allows(name) !== false) monitor.send(`DEBUG ${event}`);
    }
  }

  /** A line of a session was handled. */
  handled(session: Session, command: Command, line: string): void {
    if (this.#sessions.size > 0 && !isConfidential(line)) {
      this.#untold.push({ event: `${session.port.cid}=${line}`, command });
    }
  }

  /** Tells of the lines handled so far: who stopped to watch in the meantime hears of none. */
  tellHandled(): void {
    if (this.#untold.length === 0) return;
    for (const { event, command } of this.#untold.splice(0)) {
      for (const monitor of this.#sessions) {
        if (mayWatch(monitor, command)) monitor.send(`DEBUG ${event}`);
      }
    }
  }
}
