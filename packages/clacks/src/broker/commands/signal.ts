import { isPattern, lineEnd } from '@clacks/protocol';
import type { AssignmentCommand, NameCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import type { Session } from '../session.ts';

/** NOTIFYs of the same name are the same line. */
export const notifyAlikeLength = ({ name }: NameCommand): number =>
  'NOTIFY '.length + name.length + lineEnd.length;

/** SETs of the same name are the same up to the value. */
export const setAlikeLength = ({ name }: AssignmentCommand): number =>
  'SET '.length + name.length + '='.length;

/** Sends lines to everybody but the sender who listens to the name. */
export const deliver = (broker: Broker, name: string, sender: Session, lines: string): void => {
  let receivers = 0;
  for (const listener of broker.listeners.of(name)) {
    if (listener === sender) continue;
    listener.port.send(lines);
    receivers++;
  }
  broker.traffic.delivered(receivers, lines.length);
};

/** `NOTIFY name`: a signal's outgoing bytes equal its incoming ones. */
export const notify = (
  broker: Broker,
  session: Session,
  { name }: NameCommand,
  line: string,
): void => {
  deliver(broker, name, session, line + lineEnd);
};

/** `SET name=value`. */
export const set = (
  broker: Broker,
  session: Session,
  { name }: AssignmentCommand,
  line: string,
): void => {
  deliver(broker, name, session, line + lineEnd);
};

/** What one connection may listen to: names in bytes of memory, and patterns. */
const maxNameBytes = 32 * 1024 * 1024;
/** What listening to a name costs besides the name itself, in bytes: about as measured. */
const bytesPerName = 200;
const maxPatterns = 1000;
/** And all connections together, in bytes of memory. */
const maxAllNameBytes = 512 * 1024 * 1024;

const costOf = (name: string): number => name.length + bytesPerName;

const exceededLimit = (
  broker: Broker,
  session: Session,
  name: string,
  asPattern: number,
): string | undefined => {
  const { maxNames } = broker.options;
  if (session.names.size >= maxNames) return `maxnames ${maxNames}`;
  if (broker.nameBytes + costOf(name) > maxAllNameBytes) {
    return `${maxAllNameBytes} bytes of names of all`;
  }
  if (session.nameBytes + costOf(name) > maxNameBytes) return `${maxNameBytes} bytes of names`;
  return session.patterns + asPattern > maxPatterns ? `${maxPatterns} patterns` : undefined;
};

/** `LISTEN name`: twice is once. */
export const listen = (broker: Broker, session: Session, { name }: NameCommand): void => {
  if (session.names.has(name)) return;
  const asPattern = isPattern(name) ? 1 : 0;
  const exceeded = exceededLimit(broker, session, name, asPattern);
  const kept = exceeded === undefined ? broker.listeners.add(name, session) : undefined;
  if (kept === undefined) {
    session.send(`OVERHEAD E limit_exceeded ${exceeded ?? 'levels of a pattern'}`);
    return;
  }
  session.names.add(kept);
  session.nameBytes += costOf(name);
  broker.nameBytes += costOf(name);
  session.patterns += asPattern;
};

/** `UNLISTEN name`. */
export const unlisten = (broker: Broker, session: Session, { name }: NameCommand): void => {
  if (!session.names.delete(name)) return;
  broker.listeners.remove(name, session);
  session.nameBytes -= costOf(name);
  broker.nameBytes -= costOf(name);
  if (isPattern(name)) session.patterns--;
};
