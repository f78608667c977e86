import { lineEnd } from '@clacks/protocol';
import { rightsOfSession } from '../broker/internal-session.ts';
import { permissionBit } from '../broker/permissions.ts';
import type { Rights } from '../broker/permissions.ts';
import type { AdminUser, UserConnection, UserConnectionHandler } from '../http/ports.ts';
import { Problem } from '../http/problem.ts';
import type { InternalConnection, InternalHandler } from './internal-connection.ts';

/** Opens connections to the broker for somebody at an address. */
export type OpenInternal = (
  address: string,
  user: { readonly username: string; readonly rights: Rights },
  handler: InternalHandler,
) => InternalConnection;

/** What such a connection calls itself in the list of clients. */
const nameOfUser = 'clacks http';

const introduce = (connection: InternalConnection, name: string): void => {
  connection.say(`CLACKS ${name}${lineEnd}`);
};

/**
 * Somebody who has logged in over HTTP. A connection to the broker stands for it as long as it is
 * there: what becomes of its user, and who disconnects it, shows there.
 */
export class NodeUser implements AdminUser {
  readonly username: string;
  readonly #address: string;
  readonly #open: OpenInternal;
  readonly #main: InternalConnection;

  constructor(address: string, username: string, rights: Rights, open: OpenInternal) {
    this.username = username;
    this.#address = address;
    this.#open = open;
    const nothing = (): void => undefined;
    const handler = { receive: nothing, closed: nothing };
    this.#main = open(address, { username, rights }, handler);
    introduce(this.#main, nameOfUser);
  }

  get isOpen(): boolean {
    return !this.#main.isClosed;
  }

  get mayRead(): boolean {
    return this.#may(permissionBit.read);
  }

  get mayWrite(): boolean {
    return this.#may(permissionBit.write);
  }

  get mayManage(): boolean {
    return this.#may(permissionBit.manage);
  }

  get readable(): AdminUser['readable'] {
    return this.#main.session.readable;
  }

  open(name: string, handler: UserConnectionHandler): UserConnection {
    // Nobody would close it.
    if (!this.isOpen) throw new Problem('not_logged_in', 'Nobody is logged in any more.');
    const { username } = this;
    const rights = rightsOfSession(this.#main.session);
    const connection = this.#open(this.#address, { username, rights }, handler);
    introduce(connection, name);
    return {
      id: connection.cid,
      say: (lines) => {
        connection.say(lines);
      },
      close: () => {
        connection.session.close('quit');
      },
    };
  }

  close(): void {
    this.#main.session.close('quit');
  }

  #may(bit: number): boolean {
    return (this.#main.session.permissions & bit) !== 0;
  }
}
