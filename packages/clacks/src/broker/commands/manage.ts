import type { TextCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import { inOneLine } from '../one-line.ts';
import type { Session } from '../session.ts';

/** `MONITOR`. */
export const monitor = (broker: Broker, session: Session): void => {
  broker.monitors.add(session);
};

/** `UNMONITOR`. */
export const unmonitor = (broker: Broker, session: Session): void => {
  broker.monitors.delete(session);
};

/** `CLIENTLIST`. */
export const clientList = (broker: Broker, session: Session): void => {
  session.send('CLIENTLISTSTART');
  for (const each of broker.sessions.values()) {
    session.send(each.describe(broker.monitors.has(each), broker.wallMs - broker.monotonicMs));
  }
  session.send('CLIENTLISTEND');
};

/** `CLIENTDISCONNECT cid`: an unknown cid does nothing. */
export const clientDisconnect = (broker: Broker, _: Session, { text }: TextCommand): void => {
  const target = broker.sessions.get(text);
  target?.send('QUIT');
  target?.close('disconnected_by_manager');
};

/** `RELOAD text`: what follows waits until it is over, since the answers keep their order. */
export const reload = (broker: Broker, session: Session, { text }: TextCommand): void => {
  session.isHeld = true;
  broker.events.reloadRequested(session.port.cid, (failure, needsRestart) => {
    session.isHeld = false;
    if (session.state.kind === 'closing') return;
    // It could not be heard.
    session.lastPingAtMs = broker.monotonicMs;
    if (failure !== undefined) {
      session.send(`OVERHEAD E not_reloaded ${text} (${inOneLine(failure)})`);
    } else if (needsRestart.length > 0) {
      session.send(`RELOADED ${text} (${needsRestart.join(', ')})`);
    } else {
      session.send(`RELOADED ${text}`);
    }
    session.port.resume();
  });
};

/** `KEYSYNC …` from a client that is no link. */
export const keySync = (_: Broker, session: Session): void => {
  session.send('OVERHEAD E not_linked');
};
