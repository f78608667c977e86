import type { Command } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import type { Merged } from '../broker/entry.ts';
import type { Links } from '../broker/links.ts';
import type { Session } from '../broker/session.ts';
import { MasterLink } from './master-link.ts';
import type { Peer } from './peer.ts';
import type { InterclacksOptions, LinkPort, LinkTimes, ReportLevel } from './ports.ts';
import { isReportDue } from './report.ts';
import { SlaveLink } from './slave-link.ts';

/**
 * A node's place in the tree (protocol 9): its links, and what goes from one to the others. Like the
 * broker, it reads no clock and opens no connection by itself.
 */
export class Interclacks implements Links {
  readonly options: InterclacksOptions;
  /** The nodes above this one, from the root of the tree on, as far as they are ours. */
  #above: readonly string[] = [];
  readonly #broker: Broker;
  readonly #slaves = new Set<SlaveLink>();
  readonly #master: MasterLink | undefined;
  /** The other ends of all links. Replaced, never changed. */
  #peers: readonly Peer[] = [];

  constructor(broker: Broker, options: InterclacksOptions) {
    this.options = { ...options };
    this.#broker = broker;
    broker.links = this;
    if (options.master !== undefined) {
      this.#master = new MasterLink(options.master, broker, this);
      broker.cache.countsFractions = true;
    }
  }

  /** What the clock is called that this node's times are by: its own, or that of the tree's root. */
  get clock(): string {
    return this.#broker.clock ?? this.options.clockId;
  }

  /** The nodes from the root of the tree down to this one, as far as they are ours. */
  get path(): readonly string[] {
    return [...this.#above, this.nodeId];
  }

  get nodeId(): string {
    return this.#broker.nodeId;
  }

  get nextTickMs(): number {
    let nextMs = this.#master?.nextTickMs ?? Infinity;
    for (const peer of this.#peers) nextMs = Math.min(nextMs, peer.nextTickMs);
    return nextMs;
  }

  /** Begins to connect to the master, if there is one. */
  start(): void {
    this.#master?.start();
  }

  /**
   * Other times hold from now on, and another token for the next login at the master. The nodes at
   * the other ends are told how often to give a sign of life, and get the time to do so.
   */
  configure(times: LinkTimes, masterToken: string | undefined): void {
    const hasPingTimeoutChanged =
      times.interclacksPingTimeoutMs !== this.options.interclacksPingTimeoutMs;
    const { interclacksPingTimeoutMs, interclacksReconnectTimeoutMs } = times;
    Object.assign(this.options, { interclacksPingTimeoutMs, interclacksReconnectTimeoutMs });
    if (masterToken !== undefined) this.#master?.setToken(masterToken);
    if (!hasPingTimeoutChanged) return;
    this.#master?.link?.announce();
    for (const slave of this.#slaves) slave.announce();
    for (const peer of this.#peers) {
      this.#broker.heardFrom(peer.session);
      peer.pingTimeoutChanged();
    }
  }

  /** A connection to the master is there. Its session takes over. */
  dialed(port: LinkPort): Session {
    if (this.#master === undefined) throw new Error('there is no master to dial');
    return this.#master.dialed(port);
  }

  /** There is no connection to the master. */
  dialFailed(error: unknown): void {
    this.#master?.dialFailed(error);
  }

  requested(session: Session, isLink: boolean): void {
    if (!isLink) {
      if (session.link instanceof SlaveLink) this.#dismiss(session, session.link);
      else if (session.link !== undefined) session.close('link_refused');
      return;
    }
    if (session.link !== undefined) return;
    const link = new SlaveLink(session, this.#broker, this);
    session.link = link;
    session.port.setLink(true);
    this.#broker.cache.countsFractions = true;
    this.#slaves.add(link);
    this.#updatePeers();
    this.report('info', 'a slave has linked', link.peer, {});
    // Links have other timeouts.
    this.#broker.heardFrom(session);
    this.#broker.look(session, this.#broker.monotonicMs);
    link.start();
  }

  tick(): void {
    this.#master?.tick();
    for (const peer of this.#peers) {
      if (this.#broker.monotonicMs >= peer.nextTickMs) peer.tick();
    }
  }

  get isEmpty(): boolean {
    return this.#peers.length === 0;
  }

  passOn(session: Session, command: Command, line: string): void {
    for (const peer of this.#peers) {
      if (peer.session === session) continue;
      const before = peer.session.linesSent;
      peer.passOn(command, line);
      // Lines that are alike go as one.
      if (peer.session.linesSent > before) {
        peer.session.linesSent += this.#broker.traffic.lines - 1;
      }
    }
  }

  /** A node told of an entry that was taken. */
  changed(origin: Peer, name: string, merged: Merged): void {
    for (const peer of this.#peers) if (peer !== origin) peer.changed(name, merged, origin);
  }

  /** A node told that the cache was emptied. */
  cleared(origin: Peer): void {
    for (const peer of this.#peers) if (peer !== origin) peer.cleared();
  }

  /** Drops all entries, here and below, because those of the master come in their place. */
  drop(origin: Peer | undefined): void {
    this.#broker.cache.drop();
    for (const peer of this.#peers) if (peer !== origin) peer.dropped();
  }

  /** A node was sent a PING: slaves of ours also get the time, so that clocks stay together. */
  pinged(peer: Peer): void {
    if (peer.isOurs && peer !== this.#master?.link?.peer) peer.tellTime();
  }

  /** The master told the time, in whole ms ahead of this node's clock. */
  adoptClock(clock: string, offsetMs: number, isFirst: boolean): void {
    if (isFirst && clock !== this.clock) {
      // Everything here was written by another clock.
      this.#broker.cache.shift(offsetMs - this.#broker.clockOffsetMs);
      // So it was on the nodes below: they come back, and learn of the new clock.
      for (const { peer } of this.#slaves) {
        peer.session.send('QUIT');
        peer.session.close('link_realigned');
      }
    }
    this.#broker.setClock(clock === this.options.clockId ? undefined : clock, offsetMs);
  }

  /** The master told who is above this node. */
  below(path: readonly string[]): void {
    this.#above = path;
    for (const slave of this.#slaves) slave.announce();
  }

  /** The master is a node to tell of what happens. */
  masterLinked(): void {
    this.#updatePeers();
  }

  /** The link to the master has ended. */
  masterGone(): void {
    this.#updatePeers();
    this.below([]);
  }

  /** A slave told which node it is: an older link of the same one is dead. */
  introduced(link: SlaveLink): void {
    for (const other of this.#slaves) {
      if (other === link || other.peer.nodeId !== link.peer.nodeId) continue;
      this.report('warn', 'the slave has linked anew; its older link is closed', other.peer, {});
      other.peer.session.close('link_replaced');
    }
  }

  /** The link to a slave has ended. */
  slaveGone(link: SlaveLink): void {
    this.#slaves.delete(link);
    this.#updatePeers();
    const { state } = link.peer.session;
    const reason = state.kind === 'closing' ? state.reason : undefined;
    if (reason === 'shutdown') return;
    if (reason === 'quit') this.report('info', 'a slave has taken leave', link.peer, {});
    else this.report('warn', 'the link to a slave is lost', link.peer, {});
  }

  /** Entries were sent to a node. */
  progressed(peer: Peer, sent: number, before: number): void {
    if (!isReportDue(before, sent)) return;
    this.report('info', 'synchronising', peer, { sent, of: this.#broker.cache.size });
  }

  /** A node sent a line that means nothing. */
  malformed(peer: Peer, line: string): void {
    this.report('warn', 'a linked node sent a line that is none', peer, {
      line: line.slice(0, 80),
    });
  }

  /** Tells what happened to a link. */
  report(level: ReportLevel, message: string, peer: Peer, details: Record<string, unknown>): void {
    const { port, clientInfo } = peer.session;
    this.options.report(level, message, { cid: port.cid, node: clientInfo, ...details });
  }

  #dismiss(session: Session, link: SlaveLink): void {
    session.link = undefined;
    session.port.setLink(false);
    this.slaveGone(link);
  }

  #updatePeers(): void {
    const master = this.#master?.link?.peer;
    const slaves = [...this.#slaves].map(({ peer }) => peer);
    this.#peers = master === undefined ? slaves : [master, ...slaves];
  }
}
