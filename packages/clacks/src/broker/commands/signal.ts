import { lineEnd } from '@clacks/protocol';
import type { AssignmentCommand, NameCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import type { Session } from '../session.ts';

/** `NOTIFY name`: a signal's outgoing bytes equal its incoming ones. */
export const notify = (
  broker: Broker,
  session: Session,
  { name }: NameCommand,
  line: string,
): void => {
  broker.deliver(name, session, line + lineEnd);
};

/** `SET name=value`. */
export const set = (
  broker: Broker,
  session: Session,
  { name }: AssignmentCommand,
  line: string,
): void => {
  broker.deliver(name, session, line + lineEnd);
};

/** `LISTEN name`: twice is once. */
export const listen = (broker: Broker, session: Session, { name }: NameCommand): void => {
  if (session.names.has(name)) return;
  const kept = broker.listeners.add(name, session);
  if (kept === undefined) session.send('OVERHEAD E limit_exceeded levels of a pattern');
  else session.names.add(kept);
};

/** `UNLISTEN name`. */
export const unlisten = (broker: Broker, session: Session, { name }: NameCommand): void => {
  if (session.names.delete(name)) broker.listeners.remove(name, session);
};
