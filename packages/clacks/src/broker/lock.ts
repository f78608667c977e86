import { permissionBit } from './permissions.ts';
import type { Session } from './session.ts';

/** Whether another node is at the other end that is about to link. */
const mayLink = ({ isNode, permissions }: Session): boolean =>
  isNode && (permissions & permissionBit.interclacks) !== 0;

/** While a node synchronises with its master, others have to wait (protocol 9). */
export class Lock {
  #closed: { readonly master: Session | undefined } | undefined;

  /**
   * Nobody but the master is heard from now on. Without one, as long as it is not there, clients alone
   * have to wait, so that other nodes can link.
   */
  close(master: Session | undefined): void {
    this.#closed = { master };
  }

  /**
   * Everybody is heard again.
   *
   * @returns Whether it was closed.
   */
  open(): boolean {
    const wasClosed = this.#closed !== undefined;
    this.#closed = undefined;
    return wasClosed;
  }

  /** Whether the session has to wait. */
  holds(session: Session): boolean {
    if (this.#closed === undefined) return false;
    const { master } = this.#closed;
    return master === undefined
      ? session.state.kind === 'ready' && session.link === undefined && !mayLink(session)
      : session !== master;
  }
}
