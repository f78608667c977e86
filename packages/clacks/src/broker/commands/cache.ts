import { lineEnd } from '@clacks/protocol';
import type { AssignmentCommand, NameCommand, StepCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import type { Session } from '../session.ts';
import { deliver } from './signal.ts';

/** `STORE name=value`. */
export const store = (
  broker: Broker,
  session: Session,
  { name, value }: AssignmentCommand,
): void => {
  broker.cache.store(name, value, broker.nowUs);
  broker.keeper.wrote(session);
};

/** `SETANDSTORE name=value`: listeners get a SET. */
export const setAndStore = (
  broker: Broker,
  session: Session,
  { name, value }: AssignmentCommand,
): void => {
  broker.cache.store(name, value, broker.nowUs);
  broker.keeper.wrote(session);
  deliver(broker, name, session, `SET ${name}=${value}${lineEnd}`);
};

/** `RETRIEVE name`. */
export const retrieve = (broker: Broker, session: Session, { name }: NameCommand): void => {
  const value = broker.cache.retrieve(name, broker.nowUs);
  session.send(value === undefined ? `NOTRETRIEVED ${name}` : `RETRIEVED ${name}=${value}`);
};

/** `REMOVE name`. */
export const remove = (broker: Broker, session: Session, { name }: NameCommand): void => {
  broker.cache.remove(name, broker.nowUs);
  broker.keeper.wrote(session);
};

/** `INCREMENT name` or `INCREMENT name=n`. */
export const incrementValue = (
  broker: Broker,
  session: Session,
  { name, step }: StepCommand,
): void => {
  broker.cache.increment(name, step, broker.nowUs);
  broker.keeper.wrote(session);
};

/** `DECREMENT name` or `DECREMENT name=n`. */
export const decrementValue = (
  broker: Broker,
  session: Session,
  { name, step }: StepCommand,
): void => {
  broker.cache.decrement(name, step, broker.nowUs);
  broker.keeper.wrote(session);
};

/** `KEYLIST`: the names that it may read. */
export const keyList = (broker: Broker, session: Session): void => {
  session.send('KEYLISTSTART');
  for (const name of broker.cache.keys()) {
    if (session.readable?.allows(name) !== false) session.send(`KEY ${name}`);
  }
  session.send('KEYLISTEND');
};

/** `CLEARCACHE`. */
export const clearCache = (broker: Broker, session: Session): void => {
  broker.cache.clear(broker.nowUs);
  broker.keeper.wrote(session);
};
