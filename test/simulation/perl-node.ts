import {
  decrement,
  formatTime,
  hasFlag,
  increment,
  LineSplitter,
  overheadFlag,
  parseCommand,
} from '@clacks/protocol';
import type { Command, OverheadCommand } from '@clacks/protocol';
import type { SimulatedClock } from './clock.ts';
import { tokenOf } from './node.ts';
import type { Out, WiredNode, WireEnd } from './wire.ts';
import type { World } from './world.ts';

/** What a node of Net::Clacks keeps. Times are seconds by its own clock. */
interface PerlEntry {
  readonly value: string | undefined;
  readonly cacheTimeS: number;
}

const pingIntervalMs = 1000;
const pingTimeoutMs = 3000;

/** A node as Net::Clacks has them, with one link: what it does with lines of the protocol, 9. */
export class PerlNode implements WiredNode {
  readonly signals: string[] = [];
  /** Called when its link to its master is gone. */
  lost: () => void = () => undefined;
  readonly #world: World;
  readonly #clock: SimulatedClock;
  readonly #entries = new Map<string, PerlEntry>();
  #link: PerlLink | undefined;

  constructor(world: World, clock: SimulatedClock) {
    this.#world = world;
    this.#clock = clock;
    this.#ping();
  }

  get isLinked(): boolean {
    return this.#link?.isLive === true;
  }

  /** Its values by name. */
  get values(): string[] {
    const lines: string[] = [];
    for (const [name, { value }] of this.#entries) {
      if (value !== undefined) lines.push(`${name}=${value}`);
    }
    return lines.sort();
  }

  act(what: () => void): void {
    what();
  }

  accepted(out: Out): WireEnd {
    const link = this.#linked(out, false);
    link.send('CLACKS Net::Clacks 36', 'OVERHEAD M Authentication required');
    return link;
  }

  dialed(out: Out): WireEnd {
    const link = this.#linked(out, true);
    link.send('CLACKS Net::Clacks 36 in interclacks client mode');
    link.send(`OVERHEAD A ${tokenOf('admin')}`, 'OVERHEAD I 1');
    return link;
  }

  /** A client says something. */
  say(line: string): void {
    if (this.#execute(parseCommand(line), line)) this.#link?.send(line);
  }

  /** The other node says something. */
  hear(link: PerlLink, line: string): void {
    const command = parseCommand(line);
    switch (command.verb) {
      case 'CLACKS':
      case 'NOP':
        break;
      case 'PING':
        link.heardAtMs = this.#world.nowMs;
        break;
      case 'QUIT':
      case 'TIMEOUT':
        link.close();
        break;
      case 'OVERHEAD':
        this.#hearOverhead(link, command);
        break;
      case 'KEYSYNC': {
        link.heardAtMs = this.#world.nowMs;
        if (!/^[UD]$/u.test(command.mode)) throw new Error(`Net::Clacks is told ${line}`);
        const cacheTimeS = command.cacheTime + link.offsetS;
        const value = command.mode === 'D' ? undefined : command.value;
        const own = this.#entries.get(command.name);
        if (own === undefined || own.cacheTimeS < cacheTimeS) {
          this.#entries.set(command.name, { value, cacheTimeS });
        }
        break;
      }
      default:
        if (!this.#execute(command, line)) throw new Error(`Net::Clacks is told ${line}`);
    }
  }

  /** A link has ended. */
  ended(link: PerlLink): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    if (link.isToMaster) this.lost();
  }

  get #nowS(): number {
    return this.#clock.wallMs(this.#world.nowMs) / 1000;
  }

  #linked(out: Out, isToMaster: boolean): PerlLink {
    this.#link?.close();
    this.#link = new PerlLink(this, out, isToMaster);
    this.#link.heardAtMs = this.#world.nowMs;
    return this.#link;
  }

  #ping(): void {
    this.#world.in(pingIntervalMs, () => {
      const link = this.#link;
      if (link !== undefined && this.#world.nowMs - link.heardAtMs > pingTimeoutMs) link.close();
      else if (link?.isLive === true) link.send('PING');
      this.#ping();
    });
  }

  #hearOverhead(link: PerlLink, { flags, text }: OverheadCommand): void {
    if (hasFlag(flags, overheadFlag.authenticate)) link.send('OVERHEAD O Welcome!');
    if (hasFlag(flags, overheadFlag.clock)) link.offsetS = this.#nowS - Number(text);
    if (hasFlag(flags, overheadFlag.interclacks)) this.#sendAll(link);
    if (hasFlag(flags, overheadFlag.lock) && text === '0') {
      link.send('PING', `OVERHEAD T ${formatTime(this.#nowS)}`, ...this.#keySyncs);
      link.isLive = true;
    }
  }

  /** A slave wants all there is. */
  #sendAll(link: PerlLink): void {
    link.send('CLACKS Net::Clacks 36 in interclacks master mode');
    link.send('OVERHEAD M Authentication required', `OVERHEAD A ${tokenOf('admin')}`);
    link.send('OVERHEAD L 1', `OVERHEAD T ${formatTime(this.#nowS)}`, ...this.#keySyncs);
    link.send('OVERHEAD L 0', 'PING');
    link.isLive = true;
  }

  get #keySyncs(): string[] {
    return [...this.#entries].map(([name, { value, cacheTimeS }]) => {
      const time = formatTime(cacheTimeS);
      return value === undefined
        ? `KEYSYNC ${time} 0 D ${name}=REMOVED`
        : `KEYSYNC ${time} ${time} U ${name}=${value}`;
    });
  }

  /** Does what a client or another node says; whether it is passed on to other nodes. */
  #execute(command: Command, line: string): boolean {
    switch (command.verb) {
      case 'SET':
      case 'NOTIFY':
        this.signals.push(line);
        return true;
      case 'SETANDSTORE':
        this.signals.push(`SET ${command.name}=${command.value}`);
        this.#write(command.name, command.value);
        return true;
      case 'STORE':
        this.#write(command.name, command.value);
        return true;
      case 'REMOVE':
        this.#write(command.name, undefined);
        return true;
      case 'INCREMENT':
        this.#write(command.name, increment(this.#valueOf(command.name), command.step));
        return true;
      case 'DECREMENT':
        this.#write(command.name, decrement(this.#valueOf(command.name), command.step));
        return true;
      case 'CLEARCACHE':
        this.#entries.clear();
        return true;
      default:
        return false;
    }
  }

  #valueOf(name: string): string | undefined {
    return this.#entries.get(name)?.value;
  }

  #write(name: string, value: string | undefined): void {
    this.#entries.set(name, { value, cacheTimeS: this.#nowS });
  }
}

/** Its end of a link. */
class PerlLink implements WireEnd {
  readonly isToMaster: boolean;
  isLive = false;
  heardAtMs = 0;
  /** Its clock minus the other one's. */
  offsetS = 0;
  readonly #node: PerlNode;
  readonly #out: Out;
  readonly #lines = new LineSplitter(1024 * 1024);
  #isClosed = false;

  constructor(node: PerlNode, out: Out, isToMaster: boolean) {
    this.#node = node;
    this.#out = out;
    this.isToMaster = isToMaster;
  }

  send(...lines: string[]): void {
    if (!this.#isClosed) this.#out.send(lines.map((line) => `${line}\r\n`).join(''));
  }

  receive(lines: string): void {
    this.#lines.push(lines);
    while (!this.#isClosed) {
      const line = this.#lines.next();
      if (line === undefined) return;
      this.#node.hear(this, line);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.isLive = false;
    this.#out.closed();
    this.#node.ended(this);
  }

  gone(): void {
    this.close();
  }
}
