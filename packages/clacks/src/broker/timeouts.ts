import { lineEnd } from '@clacks/protocol';
import type { CloseReason } from './close-reason.ts';
import type { Session } from './session.ts';

/** How long a session may be silent, in ms (protocol 3, 5). */
export interface SessionTimeouts {
  /** Until it has logged in. */
  readonly authTimeoutMs: number;
  /** Without a PING. */
  readonly pingTimeoutMs: number;
  /** Without accepting any of the bytes that wait for it. */
  readonly stalledWriteTimeoutMs: number;
  /** The same two for links (protocol 9). */
  readonly interclacksPingTimeoutMs: number;
  readonly interclacksStalledWriteTimeoutMs: number;
}

/** Those that hold for a session that is logged in. */
const timeoutsOf = ({ link }: Session, timeouts: SessionTimeouts) =>
  link === undefined
    ? { pingMs: timeouts.pingTimeoutMs, stalledMs: timeouts.stalledWriteTimeoutMs }
    : {
        pingMs: timeouts.interclacksPingTimeoutMs,
        stalledMs: timeouts.interclacksStalledWriteTimeoutMs,
      };

/** A connection on which nothing was sent for that long gets a NOP (protocol 5). */
const silenceMs = 60_000;

const timeOut = (session: Session, reason: CloseReason): undefined => {
  session.port.send(`${lineEnd}TIMEOUT${lineEnd}`);
  session.close(reason);
  return undefined;
};

/**
 * Closes a session that has been silent for too long, and sends a NOP where one is due.
 *
 * @returns When to look at it again, in monotonic ms; `undefined` if it was closed.
 */
export const checkTimeouts = (
  session: Session,
  timeouts: SessionTimeouts,
  nowMs: number,
): number | undefined => {
  if (session.state.kind !== 'ready') {
    const authDeadline = session.loginBeganAtMs + timeouts.authTimeoutMs;
    if (nowMs < authDeadline) return authDeadline;
    // It is not the client's fault: it may try again.
    if (session.state.kind === 'authenticating') session.send('OVERHEAD E login_unavailable');
    session.close('auth_timeout');
    return undefined;
  }
  const { pingMs, stalledMs } = timeoutsOf(session, timeouts);
  const { stalledSinceMs } = session.port;
  const stallDeadline = (stalledSinceMs || nowMs) + stalledMs;
  if (nowMs >= stallDeadline) {
    timeOut(session, 'write_stalled');
    return;
  }
  const pingDeadline = session.lastPingAtMs + pingMs;
  if (nowMs >= pingDeadline && !session.pingTimeoutOff) {
    timeOut(session, 'ping_timeout');
    return;
  }
  if (nowMs >= session.port.lastSentAtMs + silenceMs) session.send('NOP');
  return Math.min(
    stallDeadline,
    session.pingTimeoutOff ? Infinity : pingDeadline,
    session.port.lastSentAtMs + silenceMs,
  );
};
