import { NodeUnderTest } from '../node-under-test.ts';
import type { Sample } from '../node-under-test.ts';
import { Crowd } from './crowd.ts';
import type { CrowdPlan } from './crowd.ts';
import { fenceTree } from './fence-tree.ts';
import type { Moment } from './growth.ts';
import { SlaveLife } from './slave-life.ts';
import { Faults } from './topic.ts';
import type { Target } from './wire.ts';

/** What a soak does. */
export interface SoakPlan extends CrowdPlan {
  readonly seconds: number;
  /** A second. */
  readonly signals: number;
  readonly writes: number;
  readonly reconnects: number;
  /** From one kill of the slave to the next, in seconds. */
  readonly slaveLifeS: number;
  readonly sampleEveryS: number;
  /** Topics that are listened to at the slave. */
  readonly slaveListeners: number;
}

/** What became of it. */
export interface SoakResult {
  readonly faults: Faults;
  readonly moments: readonly Moment[];
  readonly sent: number;
  readonly delivered: number;
  readonly reconnects: number;
  readonly slaveLives: number;
  readonly connectMs: number;
}

const tickMs = 25;

/** Signals of each second that are sent at the slave instead. */
const upwardShare = 0.05;

const kept = '<persistancefile>cache</persistancefile><maxconnections>0</maxconnections>';

/** Calls something at a pace: so often that after so much time it was done so many times. */
class Pace {
  readonly #perSecond: number;
  #due = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * After that time: does what is due. What is not done is not made up for.
   *
   * @param act - Does about so many; says how many.
   */
  after(ms: number, act: (count: number) => number): void {
    this.#due += (this.#perSecond * ms) / 1000;
    const whole = Math.floor(this.#due);
    if (whole > 0) this.#due -= Math.max(whole, act(whole));
  }
}

/** A master, a slave that comes and goes, and everybody who is connected to them. */
class Soak {
  readonly #plan: SoakPlan;
  readonly #master: NodeUnderTest;
  readonly #crowd: Crowd;
  readonly #faults = new Faults();
  readonly #moments: Moment[] = [];
  readonly #tell: (moment: Moment) => void;
  #slave: NodeUnderTest | undefined;
  #life: SlaveLife | undefined;
  /** The slave is not killed before it has answered. */
  #sampling: Promise<Sample> | undefined;
  #slaveLives = 0;
  #pastDeliveries = 0;
  #sent = 0;
  #isOver = false;

  constructor(plan: SoakPlan, master: NodeUnderTest, tell: (moment: Moment) => void) {
    this.#plan = plan;
    this.#master = master;
    this.#tell = tell;
    this.#crowd = new Crowd(master, plan, this.#faults);
  }

  async run(): Promise<SoakResult> {
    const beganAtMs = performance.now();
    await this.#crowd.connect();
    const connectMs = performance.now() - beganAtMs;
    const load = this.#beginLoad();
    const chores = [this.#sampleNow(), this.#fenceNow(), this.#leadSlaves()];
    await new Promise((resolve) => setTimeout(resolve, this.#plan.seconds * 1000));
    this.#isOver = true;
    await Promise.all(chores);
    clearInterval(load);
    await this.#end();
    const { reconnects } = this.#crowd;
    return {
      faults: this.#faults,
      moments: this.#moments,
      sent: this.#sent,
      delivered: this.#delivered,
      reconnects,
      slaveLives: this.#slaveLives,
      connectMs,
    };
  }

  get #delivered(): number {
    return this.#crowd.deliveries + this.#pastDeliveries + (this.#life?.deliveries ?? 0);
  }

  #beginLoad(): NodeJS.Timeout {
    const { signals, writes, reconnects } = this.#plan;
    const acts: readonly (readonly [Pace, (count: number) => number])[] = [
      [new Pace(signals * (1 - upwardShare)), (count) => this.#count(this.#crowd.send(count))],
      [new Pace(signals * upwardShare), (count) => this.#count(this.#life?.send(count) ?? 0)],
      [new Pace(writes), (count) => this.#crowd.write(count)],
      [new Pace(reconnects), (count) => (this.#isOver ? 0 : this.#crowd.renew(count))],
    ];
    let lastMs = performance.now();
    return setInterval(() => {
      const nowMs = performance.now();
      const ms = nowMs - lastMs;
      lastMs = nowMs;
      for (const [pace, act] of acts) pace.after(ms, act);
    }, tickMs);
  }

  #count(sent: number): number {
    this.#sent += sent;
    return sent;
  }

  /** Waits, unless it is over before. */
  async #pause(seconds: number): Promise<void> {
    const untilMs = performance.now() + seconds * 1000;
    while (!this.#isOver && performance.now() < untilMs) {
      const ms = Math.min(500, Math.max(1, untilMs - performance.now()));
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }

  async #fenceNow(): Promise<void> {
    while (!this.#isOver) {
      await this.#pause(1);
      await this.#crowd.fence();
    }
  }

  /** Links a slave, kills it when its time has come, and so on. */
  async #leadSlaves(): Promise<void> {
    const { port } = this.#master.connection;
    const slave = await NodeUnderTest.start(
      `<master><ip>127.0.0.1</ip><port>${port ?? 0}</port>
        <ca>${this.#master.certificateFile}</ca></master>`,
    );
    this.#slave = slave;
    const { topics } = this.#crowd;
    const every = Math.max(1, Math.floor(topics.length / this.#plan.slaveListeners));
    const heard = topics.filter((_, index) => index % every === 0);
    for (;;) {
      const life = await SlaveLife.begin(slave, {
        master: this.#crowd.target,
        topics: heard,
        faults: this.#faults,
      });
      this.#life = life;
      this.#slaveLives++;
      await this.#pause(this.#plan.slaveLifeS);
      if (this.#isOver) return;
      this.#life = undefined;
      await life.end();
      this.#pastDeliveries += life.deliveries;
      await this.#sampling;
      await slave.kill();
      await slave.startAgain();
    }
  }

  async #sampleNow(): Promise<void> {
    const beganAtMs = performance.now();
    let last: { atMs: number; sent: number; delivered: number; processorMs: number } | undefined;
    let lastOwn = process.cpuUsage();
    while (!this.#isOver) {
      await this.#pause(this.#plan.sampleEveryS);
      const [master, slave] = await Promise.all([this.#master.sample(), this.#slaveSample()]);
      const [atMs, sent, delivered] = [performance.now(), this.#sent, this.#delivered];
      const { user, system } = process.cpuUsage(lastOwn);
      lastOwn = process.cpuUsage();
      if (last !== undefined) {
        const ms = atMs - last.atMs;
        const moment: Moment = {
          atS: (atMs - beganAtMs) / 1000,
          master,
          slave,
          offered: this.#plan.signals,
          sent: ((sent - last.sent) / ms) * 1000,
          delivered: ((delivered - last.delivered) / ms) * 1000,
          masterLoad: (master.processorMs - last.processorMs) / ms,
          generatorLoad: (user + system) / 1000 / ms,
        };
        this.#moments.push(moment);
        this.#tell(moment);
      }
      last = { atMs, sent, delivered, processorMs: master.processorMs };
    }
  }

  #slaveSample(): Promise<Sample | undefined> {
    this.#sampling = this.#life === undefined ? undefined : this.#slave?.sample();
    return this.#sampling ?? Promise.resolve(undefined);
  }

  /** Nobody sends any more: everybody must have got everything, and both caches be the same. */
  async #end(): Promise<void> {
    const { target } = this.#crowd;
    await this.#crowd.checkAll();
    await this.#crowd.checkWrites(target, 'the master');
    const slave = this.#slave;
    if (slave !== undefined) {
      const slaveTarget: Target = { transport: 'unix', path: slave.socketPath };
      await fenceTree(target, slaveTarget);
      await this.#crowd.checkWrites(slaveTarget, 'the slave');
      await this.#life?.end();
    }
    this.#crowd.destroy();
    await slave?.[Symbol.asyncDispose]();
  }
}

/**
 * Has a server serve for a long time: connections that come and go, signals, values that are kept, a
 * slave that is killed again and again. Checks that everybody gets, once and in order, all that is
 * signalled while it is connected.
 *
 * @param tell - Is told from time to time how it goes.
 */
export const runSoak = async (
  plan: SoakPlan,
  tell: (moment: Moment) => void = () => undefined,
): Promise<SoakResult> => {
  await using master = await NodeUnderTest.start(kept);
  return await new Soak(plan, master, tell).run();
};
