import type { TextCommand } from '@clacks/protocol';
import type { Broker } from '../broker.ts';
import { detach } from '../detach.ts';
import { inOneLine } from '../one-line.ts';
import type { Session } from '../session.ts';

/**
 * `FLUSH text`: everything before it has been handled, since lines are handled in order, and is kept,
 * where the cache is.
 */
export const flush = (broker: Broker, session: Session, { text }: TextCommand): void => {
  broker.keeper.whenKept(session, (failure) => {
    if (failure === undefined) session.send(`FLUSHED ${text}`);
    else session.send(`OVERHEAD E not_flushed ${text} (${inOneLine(failure)})`);
  });
};

/** Bytes of a client's name that are kept: a CLIENTLIST has to stay readable. */
const maxClientInfoBytes = 256;

/** What a node calls itself, after its name and version, when it links to its master. */
const nodeMode = ' in interclacks client mode';

/** `CLACKS text`: a `;` would break the fields of a CLIENTLIST. */
export const identify = (_: Broker, session: Session, { text }: TextCommand): void => {
  session.isNode = text.endsWith(nodeMode);
  session.clientInfo = detach(text.slice(0, maxClientInfoBytes).replaceAll(';', '_'));
};

/** `PING`. */
export const ping = (broker: Broker, session: Session): void => {
  broker.heardFrom(session);
};

/** `NOPING`. */
export const noPing = (_: Broker, session: Session): void => {
  session.pingTimeoutOff = true;
};

/** `NOP`. */
export const nop = (): void => {
  // It has done its work by travelling.
};

/** `QUIT`. */
export const quit = (_: Broker, session: Session): void => {
  session.close('quit');
};
