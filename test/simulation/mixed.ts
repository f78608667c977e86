import { randomFrom } from '../support/random.ts';
import { SimulatedClient } from './client.ts';
import { SimulatedClock } from './clock.ts';
import type { MixedAction, MixedScenario, MixedWrite } from './mixed-scenario.ts';
import { SimulatedNode } from './node.ts';
import type { Sabotage } from './node.ts';
import { PerlNode } from './perl-node.ts';
import { valuesOf } from './state.ts';
import { Wire } from './wire.ts';
import type { WiredNode } from './wire.ts';
import { World } from './world.ts';

/** How long all is quiet after a write, in ms. */
const quietMs = 500;
/** How long a link takes to be noticed as lost, and to come back, in ms. */
const relinkMs = 6000;

/** Runs a scenario. All nodes have the same after writes that did not cross. */
class MixedRun {
  readonly #world = new World();
  readonly #scenario: MixedScenario;
  readonly #random: () => number;
  readonly #ours: readonly SimulatedNode[];
  readonly #perl: PerlNode;
  readonly #writers: readonly SimulatedClient[];
  readonly #readers: readonly SimulatedClient[];
  readonly #wires = new Map<WiredNode, Wire>();
  #isCut = false;
  #serial = 0;
  #sets = 0;

  constructor(scenario: MixedScenario, sabotage: Sabotage) {
    this.#scenario = scenario;
    this.#random = randomFrom(scenario.seed);
    this.#perl = new PerlNode(this.#world, this.#clock(2));
    this.#ours = [0, 1].map((index) => this.#newNode(index, sabotage));
    this.#writers = this.#ours.map((each) => new SimulatedClient(each, 'manager'));
    this.#readers = this.#ours.map((each) => new SimulatedClient(each, 'reader'));
    for (const each of this.#ours) each.start();
    if (scenario.perl === 'root') return;
    this.#perl.lost = () => {
      this.#redial();
    };
    this.#redial();
  }

  /** @throws Error that says what does not hold. */
  run(): void {
    this.#pass(relinkMs);
    for (const action of this.#scenario.actions) {
      if ('writes' in action) this.#cut(action.verb, action.writes);
      else this.#write(action);
      this.#check();
    }
  }

  /** Whoever's link goes to the node of Net::Clacks, or from it. */
  get #perlWire(): Wire | undefined {
    const [slave] = this.#ours;
    return this.#wires.get(this.#scenario.perl === 'root' && slave ? slave : this.#perl);
  }

  #clock(index: number): SimulatedClock {
    return new SimulatedClock(this.#scenario.skewsMs[index] ?? 0, 0);
  }

  #newNode(index: number, sabotage: Sabotage): SimulatedNode {
    return new SimulatedNode(this.#world, {
      name: `n${index}`,
      id: `n${index}-0`,
      clock: this.#clock(index),
      keeps: { deletedMs: 0, staleMs: 0 },
      disk: undefined,
      hasMaster: index > 0 || this.#scenario.perl === 'root',
      sync: 'merge',
      random: this.#random,
      dial: (slave) => {
        const master = index === 0 ? this.#perl : this.#ours[0];
        this.#world.in(1, () => {
          if (index === 0 && this.#isCut) slave.dialFailed();
          else if (master !== undefined) this.#connect(slave, master);
        });
      },
      shifted: () => undefined,
      sabotage,
    });
  }

  #redial(): void {
    this.#world.in(200, () => {
      const master = this.#ours[this.#scenario.perl === 'below the root' ? 0 : 1];
      if (this.#isCut) this.#redial();
      else if (master !== undefined) this.#connect(this.#perl, master);
    });
  }

  #connect(slave: WiredNode, master: WiredNode): void {
    const { maxDelayMs } = this.#scenario;
    const delay = (): number => Math.round(this.#random() * maxDelayMs);
    this.#wires.set(slave, new Wire(this.#world, slave, master, { delay, bytesPerMs: 1e6 }));
  }

  #pass(ms: number): void {
    this.#world.runUntil(this.#world.nowMs + ms);
  }

  #cut(how: 'cut' | 'silence', writes: readonly MixedWrite[]): void {
    this.#isCut = true;
    this.#perlWire?.[how]();
    for (const each of writes) this.#write(each);
    this.#isCut = false;
    this.#pass(relinkMs);
    if (!this.#perl.isLinked) throw new Error('the link does not come back');
  }

  #write(action: Exclude<MixedAction, { readonly writes: unknown }>): void {
    const { verb, node: index } = action;
    const serial = ++this.#serial;
    if (verb === 'CLEARCACHE') this.#say(index, verb);
    else if (verb === 'SET') {
      this.#sets++;
      this.#say(index, `SET sig::${index}=${serial}`);
    } else if (verb === 'STORE' || verb === 'SETANDSTORE') {
      this.#say(index, `${verb} k${action.name}=${serial * 1000}`);
    } else if (verb === 'REMOVE') this.#say(index, `REMOVE k${action.name}`);
    else this.#say(index, `${verb} k${action.name}=${serial % 4}.5`);
    this.#pass(quietMs);
  }

  #say(index: number, line: string): void {
    const writer = this.#writers[index];
    if (writer === undefined) this.#perl.say(line);
    else writer.say(line);
  }

  #check(): void {
    const perls = this.#perl.values.join(' ');
    for (const each of this.#ours) {
      const own = valuesOf(each).join(' ');
      if (own !== perls) throw new Error(`${each.id} and Net::Clacks differ:\n${own}\n${perls}`);
    }
    for (const { node: each, signals } of this.#readers) {
      if (signals.size !== this.#sets) throw new Error(`${each.id} has not heard all signals`);
    }
    const heard = this.#perl.signals.filter((line) => line.startsWith('SET sig::')).length;
    if (heard !== this.#sets) throw new Error(`Net::Clacks has heard ${heard} of ${this.#sets}`);
  }
}

/**
 * Runs a scenario.
 *
 * @throws Error that says what does not hold.
 */
export const simulateMixed = (
  scenario: MixedScenario,
  sabotage: Sabotage = () => undefined,
): void => {
  new MixedRun(scenario, sabotage).run();
};
