import { hasFlag, overheadFlag, parseCommand } from '@clacks/protocol';
import type { OverheadCommand } from '@clacks/protocol';
import type { Session } from './session.ts';

/** A login with a slip in it is no command, but it still holds a password. */
const misspeltOverhead = /^\s*overhead\b/iu;

const isConfidential = (line: string): boolean => {
  if (!line.startsWith('OVERHEAD')) return misspeltOverhead.test(line);
  const { flags = '' } = parseCommand(line) as Partial<OverheadCommand>;
  return hasFlag(flags, overheadFlag.authenticate) || hasFlag(flags, overheadFlag.notMirrored);
};

/** Sessions that get a copy of everything that clients send (protocol 6). */
export class Monitors {
  readonly #sessions = new Set<Session>();
  /** Handled lines that the monitors have yet to be told of. */
  readonly #untold: string[] = [];

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

  /** A line of a session was handled. */
  handled(session: Session, line: string): void {
    if (this.#sessions.size > 0 && !isConfidential(line)) {
      this.#untold.push(`${session.port.cid}=${line}`);
    }
  }

  /** Tells of the lines handled so far: who stopped to watch in the meantime hears of none. */
  tellHandled(): void {
    if (this.#untold.length === 0) return;
    for (const event of this.#untold.splice(0)) this.tell(event);
  }
}
