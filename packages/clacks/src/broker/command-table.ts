import type { Command, Verb } from '@clacks/protocol';
import type { Broker } from './broker.ts';
import * as cacheCommands from './commands/cache.ts';
import * as connectionCommands from './commands/connection.ts';
import * as manageCommands from './commands/manage.ts';
import { overhead } from './commands/overhead.ts';
import * as signalCommands from './commands/signal.ts';
import type { permissionBit } from './permissions.ts';
import type { Session } from './session.ts';

/** What belongs to a verb that clients may send (protocol 5). */
export interface CommandSpec<V extends Verb> {
  /** The permission it needs. */
  readonly needs: keyof typeof permissionBit;
  /** Whether it changes all names: then who may write some only may not send it. */
  readonly writesAll?: boolean;
  /** Whether it is sent on to linked nodes. */
  readonly passedOn: boolean;
  /** What it does, in one line. */
  readonly summary: string;
  /**
   * With how many bytes of the line, its line end included, lines that follow have to begin to be
   * handled together with it: as one command, whose line is all of them with a line end between each two.
   */
  alikeLength?(command: Extract<Command, { readonly verb: V }>): number;
  run(
    broker: Broker,
    session: Session,
    command: Extract<Command, { readonly verb: V }>,
    line: string,
  ): void;
}

/**
 * Every command that a client may send. Permissions, forwarding and help come from here, not from
 * conditions elsewhere.
 */
export const commandTable = {
  NOTIFY: {
    needs: 'write',
    passedOn: true,
    summary: 'signal an event to everybody who listens to the name',
    alikeLength: signalCommands.notifyAlikeLength,
    run: signalCommands.notify,
  },
  SET: {
    needs: 'write',
    passedOn: true,
    summary: 'signal a value to everybody who listens to the name',
    alikeLength: signalCommands.setAlikeLength,
    run: signalCommands.set,
  },
  LISTEN: {
    needs: 'read',
    passedOn: false,
    summary: 'start receiving signals of a name or pattern',
    run: signalCommands.listen,
  },
  UNLISTEN: {
    needs: 'read',
    passedOn: false,
    summary: 'stop receiving signals of a name or pattern',
    run: signalCommands.unlisten,
  },
  STORE: {
    needs: 'write',
    passedOn: true,
    summary: 'keep a value in the cache',
    run: cacheCommands.store,
  },
  SETANDSTORE: {
    needs: 'write',
    passedOn: true,
    summary: 'signal a value and keep it in the cache',
    run: cacheCommands.setAndStore,
  },
  RETRIEVE: {
    needs: 'read',
    passedOn: false,
    summary: 'answer with the value of a name',
    run: cacheCommands.retrieve,
  },
  REMOVE: {
    needs: 'write',
    passedOn: true,
    summary: 'delete a value from the cache',
    run: cacheCommands.remove,
  },
  INCREMENT: {
    needs: 'write',
    passedOn: true,
    summary: 'add 1, or a number, to a value',
    run: cacheCommands.incrementValue,
  },
  DECREMENT: {
    needs: 'write',
    passedOn: true,
    summary: 'subtract 1, or a number, from a value',
    run: cacheCommands.decrementValue,
  },
  KEYLIST: {
    needs: 'read',
    passedOn: false,
    summary: 'list the names in the cache',
    run: cacheCommands.keyList,
  },
  CLEARCACHE: {
    needs: 'manage',
    writesAll: true,
    passedOn: true,
    summary: 'empty the cache',
    run: cacheCommands.clearCache,
  },
  FLUSH: {
    needs: 'none',
    passedOn: false,
    summary: 'answer when everything sent before has been handled',
    run: connectionCommands.flush,
  },
  CLACKS: {
    needs: 'none',
    passedOn: false,
    summary: 'say what this client is called',
    run: connectionCommands.identify,
  },
  PING: {
    needs: 'none',
    passedOn: false,
    summary: 'say that this client is alive',
    run: connectionCommands.ping,
  },
  NOPING: {
    needs: 'none',
    passedOn: false,
    summary: 'switch the ping timeout off until the next PING',
    run: connectionCommands.noPing,
  },
  NOP: {
    needs: 'none',
    passedOn: false,
    summary: 'do nothing',
    run: connectionCommands.nop,
  },
  QUIT: {
    needs: 'none',
    passedOn: false,
    summary: 'close this connection',
    run: connectionCommands.quit,
  },
  OVERHEAD: {
    needs: 'none',
    passedOn: false,
    summary: 'send a message about the system itself: flags, then text',
    run: overhead,
  },
  MONITOR: {
    needs: 'manage',
    passedOn: false,
    summary: 'start receiving a copy of everything that clients send',
    run: manageCommands.monitor,
  },
  UNMONITOR: {
    needs: 'manage',
    passedOn: false,
    summary: 'stop receiving that copy',
    run: manageCommands.unmonitor,
  },
  CLIENTLIST: {
    needs: 'manage',
    passedOn: false,
    summary: 'list the connections',
    run: manageCommands.clientList,
  },
  CLIENTDISCONNECT: {
    needs: 'manage',
    passedOn: false,
    summary: 'close the connection with that cid',
    run: manageCommands.clientDisconnect,
  },
  RELOAD: {
    needs: 'manage',
    passedOn: false,
    summary: 'read the configuration anew, and answer when that is done',
    run: manageCommands.reload,
  },
  KEYSYNC: {
    needs: 'interclacks',
    // A link passes on what it took of it.
    passedOn: false,
    summary: 'tell a linked node about a cache entry',
    run: manageCommands.keySync,
  },
} as const satisfies { readonly [V in Verb]?: CommandSpec<V> };
