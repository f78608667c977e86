import { lineEnd } from '@clacks/protocol';
import type { Command } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import type { LinkStatus, NodeLink } from '../broker/links.ts';
import type { Session } from '../broker/session.ts';
import type { Interclacks } from './interclacks.ts';
import { isOurNode, Peer } from './peer.ts';

/** A link to a node below this one: this node is its master (protocol 9). */
export class SlaveLink implements NodeLink {
  readonly peer: Peer;
  readonly #broker: Broker;
  readonly #tree: Interclacks;
  #hasBegun = false;

  constructor(session: Session, broker: Broker, tree: Interclacks) {
    const isOurs = session.isNode && isOurNode(session.clientInfo);
    this.peer = new Peer(session, isOurs, broker, tree);
    this.#broker = broker;
    this.#tree = tree;
  }

  get status(): LinkStatus {
    const { session, hasSynced, lagMs } = this.peer;
    return {
      state: hasSynced ? 'live' : this.#hasBegun ? 'syncing' : 'authenticating',
      offsetMs: this.peer.isOurs ? 0 : session.clockOffsetMs,
      lagMs,
    };
  }

  /**
   * Logs in at the slave. A slave of ours has to tell who it is before it is sent anything: an older
   * link of it may still bring signals, which would go back to it.
   */
  start(): void {
    const { session, isOurs } = this.peer;
    session.send(`CLACKS ${this.#broker.options.identification} in interclacks master mode`);
    session.send('OVERHEAD M Authentication required');
    // Both have the same main user: the slave has just shown that it knows the password.
    session.send(`OVERHEAD A ${session.token}`);
    if (isOurs) this.announce();
    else this.#synchronise();
  }

  /** Tells a slave of ours who is above it. */
  announce(): void {
    if (!this.peer.isOurs) return;
    const { nodeId, clock, path, options } = this.#tree;
    const { interclacksPingTimeoutMs } = options;
    this.peer.session.send(`NODE ${nodeId} ${clock} ${path.join(',')} ${interclacksPingTimeoutMs}`);
  }

  receive(command: Command): boolean {
    if (command.verb === 'NODE' && this.peer.isOurs) {
      const [nodeId, pingTimeoutMs] = command.text.split(' ');
      this.peer.nodeId = nodeId;
      this.peer.learnPingTimeout(pingTimeoutMs);
      this.#tree.introduced(this);
      this.#synchronise();
      return true;
    }
    return this.peer.receive(command);
  }

  ended(): void {
    this.#tree.slaveGone(this);
  }

  /** Sends what this node has; the slave is locked meanwhile. */
  #synchronise(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { session } = this.peer;
    session.send('OVERHEAD L 1');
    this.peer.tellTime();
    this.peer.sync((entries) => {
      session.port.send(`OVERHEAD L 0${lineEnd}`);
      this.peer.ping();
      this.#tree.report('info', 'slave is synchronised', this.peer, { entries });
    });
  }
}
