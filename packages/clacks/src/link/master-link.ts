import { hasFlag, overheadFlag } from '@clacks/protocol';
import type { Command, OverheadCommand } from '@clacks/protocol';
import type { Broker } from '../broker/broker.ts';
import type { LinkState, LinkStatus, NodeLink } from '../broker/links.ts';
import { permissionBit } from '../broker/permissions.ts';
import type { Session } from '../broker/session.ts';
import { microsPerMs } from '../broker/stamp.ts';
import { Backoff } from './backoff.ts';
import { ClockEstimate } from './clock-estimate.ts';
import { parseMicros } from './entry-codec.ts';
import { isReportDue } from './report.ts';
import type { Interclacks } from './interclacks.ts';
import { isOurNode, Peer } from './peer.ts';
import type { LinkPort, MasterOptions } from './ports.ts';

/** How long a link must have lasted for the next attempt to come at once, in ms. */
const stableMs = 5000;

/** What the clock of a master is called that does not tell. */
const unnamedClock = 'master';

type State =
  /** Between two attempts. */
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'dialing' }
  | { readonly kind: 'linked'; readonly link: LinkToMaster };

/** Keeps a link to the master, for ever (protocol 9). */
export class MasterLink {
  #options: MasterOptions;
  readonly #broker: Broker;
  readonly #tree: Interclacks;
  readonly #backoff: Backoff;
  #state: State = { kind: 'dialing' };

  constructor(options: MasterOptions, broker: Broker, tree: Interclacks) {
    this.#options = options;
    this.#broker = broker;
    this.#tree = tree;
    this.#backoff = new Backoff(
      () => tree.options.interclacksReconnectTimeoutMs,
      tree.options.random,
    );
  }

  /** The link, while there is one. */
  get link(): LinkToMaster | undefined {
    return this.#state.kind === 'linked' ? this.#state.link : undefined;
  }

  get nextTickMs(): number {
    if (this.#state.kind === 'waiting') return this.#state.untilMs;
    return this.link?.lockedUntilMs ?? Infinity;
  }

  /** Connects for the first time. Clients wait until both know the same, or it has failed. */
  start(): void {
    this.#broker.lock();
    this.#dial();
  }

  /** A connection to the master is there. */
  dialed(port: LinkPort): Session {
    const session = this.#broker.opened(port);
    const link = new LinkToMaster(session, this.#options, this.#broker, this.#tree, (isStable) => {
      this.#lost(isStable);
    });
    session.link = link;
    port.setLink(true);
    this.#state = { kind: 'linked', link };
    link.start();
    return session;
  }

  /** There is no connection to the master. */
  dialFailed(error: unknown): void {
    this.#broker.unlock();
    const retryInMs = this.#wait();
    const reason = error instanceof Error ? error.message : String(error);
    const details = { master: this.#options.name, reason, retryInMs };
    this.#tree.options.report('warn', 'no link to the master', details);
  }

  /** Logs in with another token when it links anew. The link that there is stays. */
  setToken(token: string): void {
    this.#options = { ...this.#options, token };
  }

  tick(): void {
    if (this.#broker.monotonicMs < this.nextTickMs) return;
    if (this.#state.kind === 'waiting') this.#dial();
    else this.link?.giveUp();
  }

  #dial(): void {
    this.#state = { kind: 'dialing' };
    this.#options.dial();
  }

  #wait(): number {
    const pauseMs = this.#backoff.next();
    this.#state = { kind: 'waiting', untilMs: this.#broker.monotonicMs + pauseMs };
    return Math.round(pauseMs);
  }

  #lost(isStable: boolean): void {
    if (isStable) this.#backoff.reset();
    const retryInMs = this.#wait();
    this.#tree.options.report('warn', 'the link to the master is lost', {
      master: this.#options.name,
      retryInMs,
    });
  }
}

/** One link to the master, from login to end. */
export class LinkToMaster implements NodeLink {
  readonly #session: Session;
  readonly #options: MasterOptions;
  readonly #broker: Broker;
  readonly #tree: Interclacks;
  readonly #lost: (wasStable: boolean) => void;
  #state: LinkState = 'authenticating';
  #peer: Peer | undefined;
  #liveSinceMs = Infinity;
  #lockedUntilMs = Infinity;
  /** Whether there were entries before the master sent its own. */
  #hasOwn = true;
  /** Entries that came while it was locked. */
  #received = 0;
  #offsetMs: number | undefined;
  /** What the clock is called that the master's times are by. */
  #clock = unnamedClock;
  readonly #clockEstimate = new ClockEstimate();

  /** @param lost - Called when the link has ended, and whether it had lasted. */
  constructor(
    session: Session,
    options: MasterOptions,
    broker: Broker,
    tree: Interclacks,
    lost: (wasStable: boolean) => void,
  ) {
    this.#session = session;
    this.#options = options;
    this.#broker = broker;
    this.#tree = tree;
    this.#lost = lost;
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  get status(): LinkStatus {
    return { state: this.#state, offsetMs: this.#offsetMs, lagMs: this.#peer?.lagMs };
  }

  /**
   * When clients have waited too long if the master tells of nothing until then, in monotonic ms.
   * They wait from the start on, as long as the master has not let this node go.
   */
  get lockedUntilMs(): number {
    return this.#lockedUntilMs;
  }

  /** The master keeps this node locked, and sends nothing: it is not waited for any longer. */
  giveUp(): void {
    this.#lockedUntilMs = Infinity;
    this.#report('error', 'the master keeps this node waiting and sends no entries');
    this.#session.send('TIMEOUT');
    this.#session.close('ping_timeout');
  }

  /** Logs in. */
  start(): void {
    const { identification } = this.#broker.options;
    this.#session.send(`CLACKS ${identification} in interclacks client mode`);
    this.#session.send(`OVERHEAD A ${this.#options.token}`);
    this.#session.send('OVERHEAD I 1');
    this.#expectMore();
  }

  /** Tells a master of ours who this node is. */
  announce(): void {
    if (this.#peer?.isOurs !== true) return;
    const { interclacksPingTimeoutMs } = this.#tree.options;
    this.#session.send(`NODE ${this.#tree.nodeId} ${interclacksPingTimeoutMs}`);
  }

  receive(command: Command): boolean {
    if (this.#session.state.kind !== 'ready') {
      this.#receiveBeforeLogin(command);
      return false;
    }
    if ((this.#session.permissions & permissionBit.interclacks) === 0) {
      this.#refuse('the master logs in here as somebody who may not make links');
      return true;
    }
    if (command.verb === 'OVERHEAD') return this.#receiveOverhead(command);
    if (command.verb === 'NODE') {
      this.#introduced(command.text);
      return true;
    }
    if (command.verb === 'KEYSYNC' && this.#state === 'locked') this.#entryReceived();
    return this.#madePeer().receive(command);
  }

  ended(): void {
    const wasStable = this.#broker.monotonicMs - this.#liveSinceMs >= stableMs;
    const { state } = this.#session;
    if (state.kind !== 'closing' || state.reason !== 'shutdown') this.#lost(wasStable);
    this.#tree.masterGone();
    this.#broker.unlock();
  }

  #receiveBeforeLogin(command: Command): void {
    if (command.verb === 'QUIT' || command.verb === 'TIMEOUT') this.#session.close('quit');
    // What is forwarded is somebody else's word.
    if (command.verb !== 'OVERHEAD' || hasFlag(command.flags, overheadFlag.forward)) return;
    if (hasFlag(command.flags, overheadFlag.failed)) {
      this.#refuse(
        "the master refuses this node's login: both need the same username and password",
      );
    } else if (hasFlag(command.flags, overheadFlag.error)) {
      this.#refuse(`the master reports an error: ${command.text}`);
    }
  }

  #receiveOverhead({ flags, text }: OverheadCommand): boolean {
    if (hasFlag(flags, overheadFlag.forward)) return false;
    if (hasFlag(flags, overheadFlag.lock)) {
      if (text === '1') this.#locked();
      else this.#unlocked();
      return true;
    }
    if (hasFlag(flags, overheadFlag.clock)) this.#takeTime(parseMicros(text));
    return false;
  }

  #entryReceived(): void {
    this.#expectMore();
    this.#received++;
    if (isReportDue(this.#received - 1, this.#received)) {
      this.#report('info', 'synchronising', { received: this.#received });
    }
  }

  #expectMore(): void {
    const { interclacksPingTimeoutMs } = this.#tree.options;
    this.#lockedUntilMs = this.#broker.monotonicMs + interclacksPingTimeoutMs;
  }

  #locked(): void {
    if (this.#state !== 'authenticating') return;
    this.#state = 'locked';
    this.#expectMore();
    this.#broker.lock(this.#session);
    this.#madePeer();
    this.#report('info', 'linked to the master; synchronising');
    if (this.#options.sync === 'replace') this.#tree.drop(this.#peer);
    this.#hasOwn = this.#broker.cache.size > 0;
  }

  #unlocked(): void {
    if (this.#state !== 'locked') return;
    const peer = this.#madePeer();
    this.#state = 'syncing';
    this.#lockedUntilMs = Infinity;
    peer.ping();
    peer.tellTime();
    peer.sync((entries) => {
      this.#state = 'live';
      this.#liveSinceMs = this.#broker.monotonicMs;
      this.#report('info', 'synchronised with the master', {
        entries,
        cache: this.#broker.cache.size,
        offsetMs: this.#offsetMs,
      });
      // Nobody but the master was heard meanwhile: all that a node has that had nothing, it has from it.
    }, this.#hasOwn || !peer.isOurs);
    this.#broker.unlock();
  }

  /** The master's clock is the tree's. */
  #takeTime(theirUs: number | undefined): void {
    if (theirUs === undefined) return;
    const isFirst = this.#offsetMs === undefined;
    const isOurClock = this.#clock === this.#tree.options.clockId;
    const ahead = isOurClock ? 0 : Math.round(theirUs / microsPerMs - this.#broker.wallMs);
    const offsetMs = this.#clockEstimate.add(ahead, this.#broker.monotonicMs);
    this.#offsetMs = -offsetMs;
    this.#tree.adoptClock(this.#clock, offsetMs, isFirst);
  }

  #introduced(text: string): void {
    const [nodeId, clock = unnamedClock, path = '', pingTimeoutMs] = text.split(' ');
    const nodes = path.split(',');
    const peer = this.#madePeer();
    this.#clock = clock;
    peer.nodeId = nodeId;
    peer.learnPingTimeout(pingTimeoutMs);
    if (nodes.includes(this.#tree.nodeId)) {
      this.#refuse(
        'this node is above its own master: the masters form a loop; ' +
          'remove <master> from one of them',
      );
      return;
    }
    this.announce();
    this.#tree.below(nodes);
  }

  #madePeer(): Peer {
    if (this.#peer === undefined) {
      const isOurs = isOurNode(this.#session.clientInfo);
      this.#peer = new Peer(this.#session, isOurs, this.#broker, this.#tree);
      this.#tree.masterLinked();
    }
    return this.#peer;
  }

  #refuse(why: string): void {
    this.#report('error', why);
    this.#session.send('OVERHEAD E link_refused');
    this.#session.close('link_refused');
  }

  #report(level: 'info' | 'error', message: string, details: Record<string, unknown> = {}): void {
    const { clientInfo } = this.#session;
    const { name } = this.#options;
    this.#tree.options.report(level, message, { master: name, node: clientInfo, ...details });
  }
}
