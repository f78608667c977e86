import { ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { randomFrom } from '../support/random.ts';
import type { Coverage } from './coverage.ts';
import { below } from './grammar.ts';
import type { Random } from './grammar.ts';
import { Growth } from './growth.ts';
import { decodeInput, encodeInput } from './input.ts';
import type { Input } from './input.ts';
import type { WorkerReport, WorkerTask } from './messages.ts';
import { mutate } from './mutate.ts';
import { readSeeds } from './seeds.ts';
import { Trial } from './trial.ts';

/** Every how many inputs memory, and what is open, are looked at. */
const inputsPerCheck = 500;
/** How often it is told how things are, in ms: also while an input takes its time. */
const reportMs = 1000;
/** Of how many of the newest inputs every other one is made. */
const newestInputs = 64;
/** Connections that stay: two at each of two servers. */
const watchers = 4;

/** A clock that is not stopped, in ms. */
type Clock = () => number;

/** Whom a fuzzer tells how things are. */
type Report = (report: WorkerReport) => void;

/** Tries one input after the other, and remembers those that did something new. */
class Fuzzer {
  readonly #task: WorkerTask;
  readonly #trial: Trial;
  readonly #coverage: Coverage;
  readonly #now: Clock;
  readonly #report: Report;
  readonly #random: Random;
  readonly #file: number;
  readonly #corpus: Input[] = [];
  #growth: Growth | undefined;
  #inputs = 0;

  constructor(task: WorkerTask, trial: Trial, coverage: Coverage, now: Clock, report: Report) {
    this.#task = task;
    this.#trial = trial;
    this.#coverage = coverage;
    this.#now = now;
    this.#report = report;
    this.#random = randomFrom(task.seed);
    this.#file = openSync(task.currentFile, 'w');
  }

  async run(seeds: readonly Input[]): Promise<void> {
    const { seconds, isBlind } = this.#task;
    const endAtMs = this.#now() + seconds * 1000;
    const reports = setInterval(() => {
      this.#tell('progress');
    }, reportMs);
    for (const seed of seeds) {
      if ((await this.#isNew(seed)) || isBlind) this.#corpus.push(seed);
    }
    while (this.#now() < endAtMs) {
      const input = mutate(this.#choose(), this.#choose(), this.#random);
      if ((await this.#isNew(input)) && !isBlind) this.#corpus.push(input);
    }
    await this.#check();
    clearInterval(reports);
    this.#tell('done');
  }

  /** The newest ones are chosen more often: they lead to where nothing has been; short ones, too. */
  #choose(): Input {
    const { length } = this.#corpus;
    const candidates = this.#random() < 0.5 ? Math.min(length, newestInputs) : length;
    const [one, other] = [0, 0].map(
      () => this.#corpus[length - 1 - below(this.#random, candidates)],
    );
    if (one === undefined || other === undefined) throw new Error('there is nothing to begin with');
    return one.bytes.length < other.bytes.length ? one : other;
  }

  /** Tries an input, and tells whether it has done something new. */
  async #isNew(input: Input): Promise<boolean> {
    this.#write(input);
    await this.#trial.run(input);
    this.#inputs++;
    if (this.#inputs % inputsPerCheck === 0) await this.#check();
    return this.#coverage.hasGrown();
  }

  /** Whatever becomes of this process, the parent can read what it was doing. */
  #write(input: Input): void {
    const bytes = encodeInput(input);
    writeSync(this.#file, bytes, 0, bytes.length, 0);
    ftruncateSync(this.#file, bytes.length);
  }

  async #check(): Promise<void> {
    const connections = await this.#trial.countConnections();
    if (connections !== watchers) throw new Error(`there are ${connections} connections`);
    this.#growth ??= new Growth();
    this.#growth.check();
  }

  #tell(kind: 'progress' | 'done'): void {
    const { size: coverage } = this.#coverage;
    this.#report({ kind, inputs: this.#inputs, corpus: this.#corpus.length, coverage });
  }
}

/**
 * Tries inputs, as the task says.
 *
 * @throws Error if one of them does something wrong.
 */
export const fuzz = async (
  task: WorkerTask,
  coverage: Coverage,
  now: Clock,
  report: Report,
): Promise<void> => {
  const trial = await Trial.start(task.isSabotaged);
  const files = await Promise.all(task.files.map((file) => readFile(file)));
  const seeds = task.seconds === 0 ? [] : await readSeeds(task.transcripts);
  await new Fuzzer(task, trial, coverage, now, report).run([...files.map(decodeInput), ...seeds]);
  await trial.stop();
};
