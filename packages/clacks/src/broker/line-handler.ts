import { lineEnd, maxBytesBeforeLogin, parseCommand } from '@clacks/protocol';
import type { Command } from '@clacks/protocol';
import { isWithinRights } from './access.ts';
import type { Broker } from './broker.ts';
import { CacheLane } from './cache-lane.ts';
import { specOf } from './command-specs.ts';
import { identify } from './commands/connection.ts';
import type { Lock } from './lock.ts';
import { isLogin } from './login.ts';
import type { LineSource } from './ports.ts';
import type { Session } from './session.ts';

/** Takes the lines of sessions, and does what they say. */
export class LineHandler {
  readonly #broker: Broker;
  readonly #lock: Lock;
  readonly #cacheLane: CacheLane;

  /** @param lock - Says whom to hear. */
  constructor(broker: Broker, lock: Lock) {
    this.#broker = broker;
    this.#lock = lock;
    this.#cacheLane = new CacheLane(broker);
  }

  /**
   * Handles the lines that can be handled now.
   *
   * @returns Whether the session takes more lines.
   */
  receive(session: Session, lines: LineSource): boolean {
    for (;;) {
      if (session.state.kind === 'authenticating' || session.state.kind === 'closing') return false;
      if (this.mustWait(session) || session.isThrottled) return false;
      if (!this.#broker.rateLimits.mayGoOn(session, this.#broker.monotonicMs)) return false;
      if (this.#cacheLane.isOpenTo(session)) this.#cacheLane.take(session, lines);
      const line = lines.next();
      if (line === undefined) break;
      session.allowance?.spend(session);
      if (session.state.kind === 'ready') this.#handle(session, line, lines);
      else this.#handleBeforeLogin(session, line);
    }
    session.allowance?.served(session);
    const waiting = session.bytesBeforeLogin + session.port.inbufferLength;
    if (session.state.kind === 'greeted' && waiting > maxBytesBeforeLogin) this.#refuse(session);
    return true;
  }

  /** Whether a session's lines have to wait for something else. */
  mustWait(session: Session): boolean {
    return session.isHeld || this.#lock.holds(session);
  }

  #handle(session: Session, line: string, lines: LineSource): void {
    const command = parseCommand(line);
    if (session.link?.receive(command, line) === true) {
      this.#broker.traffic.received(command.verb, line);
    } else {
      this.#execute(session, command, line, lines);
    }
    this.#broker.monitors.handled(session, command, line);
  }

  #execute(session: Session, command: Command, line: string, lines: LineSource): void {
    const { traffic } = this.#broker;
    const spec = specOf(command.verb);
    traffic.begin(spec?.index, line.length);
    if (spec === undefined) {
      this.#broker.refusals.unknown++;
      session.send(`OVERHEAD E unknown_command ${line}`);
    } else if (!isWithinRights(session, spec, command)) {
      this.#broker.deny(session);
    } else {
      // The table pairs each verb with functions that take its command.
      const length = this.#mustCountLines(session)
        ? undefined
        : spec.alikeLength?.(command as never);
      const all = length === undefined ? line : lines.withAlike(line, length);
      if (all.length > line.length) traffic.more(lines.alike, all.length - line.length);
      spec.run(this.#broker, session, command as never, all);
      if (spec.passedOn) this.#broker.links.passOn(session, command, all);
    }
  }

  /** Whether each line matters to somebody. */
  #mustCountLines(session: Session): boolean {
    return session.allowance !== undefined || !this.#broker.monitors.isEmpty;
  }

  #handleBeforeLogin(session: Session, line: string): void {
    session.bytesBeforeLogin += line.length + lineEnd.length;
    const command = parseCommand(line);
    this.#broker.traffic.received(command.verb, line);
    session.link?.receive(command, line);
    if (session.bytesBeforeLogin > maxBytesBeforeLogin) this.#refuse(session);
    else if (command.verb === 'CLACKS') identify(this.#broker, session, command);
    else if (isLogin(command)) this.#broker.authenticate(session, command.text);
  }

  /** A connection sent a line that is too long (protocol 10.3). */
  lineTooLong(session: Session, maxLineLength: number): void {
    if (session.state.kind === 'greeted') {
      this.#refuse(session);
      return;
    }
    session.send(`OVERHEAD E limit_exceeded maxlinelength ${maxLineLength} bytes`);
    session.close('line_limit');
  }

  #refuse(session: Session): void {
    session.send(`OVERHEAD E limit_exceeded ${maxBytesBeforeLogin} bytes before login`);
    session.close('login_limit');
  }
}
