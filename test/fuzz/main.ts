// Fuzzes servers: see README.md.
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, randomInt } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { decodeInput, describeInput } from './input.ts';
import type { Progress, WorkerReport, WorkerTask } from './messages.ts';

/** A process from which nothing is heard for so many seconds hangs. Much: the machine may be busy. */
const patienceS = '20';
/** How often it is printed how far things have come, in ms. */
const printMs = 5000;

const root = path.resolve(import.meta.dirname, '../../..');

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** What became of the process: a reason if it has found something. */
interface Outcome {
  readonly reason: string | undefined;
  readonly progress: Progress;
}

const describeProgress = ({ inputs, corpus, coverage }: Progress): string =>
  `${inputs} inputs, ${corpus} of them new, ${coverage} kinds of coverage`;

/** Lets a process try inputs until it is done or fails. */
const runWorker = (task: WorkerTask, patienceMs: number): Promise<Outcome> =>
  new Promise((resolve) => {
    const worker = fork(path.join(import.meta.dirname, 'worker.js'));
    let progress: Progress = { inputs: 0, corpus: 0, coverage: 0 };
    let isDone = false;
    let reason: string | undefined;
    const beganAtMs = Date.now();
    let printAtMs = beganAtMs + printMs;
    const giveUp = (why: string): void => {
      reason ??= why;
      worker.kill('SIGKILL');
    };
    const watch = setTimeout(() => {
      giveUp(`it hangs: nothing was heard for ${patienceMs} ms`);
    }, patienceMs);
    worker.on('message', (report: WorkerReport) => {
      watch.refresh();
      if (report.kind === 'failed') {
        giveUp(report.reason);
        return;
      }
      progress = report;
      isDone = report.kind === 'done';
      if (Date.now() < printAtMs) return;
      printAtMs = Date.now() + printMs;
      say(`${Math.round((Date.now() - beganAtMs) / 1000)} s: ${describeProgress(progress)}`);
    });
    worker.on('close', (code, signal) => {
      clearTimeout(watch);
      if (!isDone) reason ??= `the process ended with ${String(signal ?? code)}`;
      resolve({ reason, progress });
    });
    worker.send(task);
  });

/** Keeps the input that was being tried, and says how to try it again. */
const tellFound = (reason: string, task: WorkerTask): void => {
  const bytes = readFileSync(task.currentFile);
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const file = path.join(path.dirname(task.currentFile), name);
  writeFileSync(file, bytes);
  say(`\nFound: ${reason}\n${describeInput(decodeInput(bytes))}`);
  say(`npm run fuzz -- --input ${path.relative(root, file)}`);
  say(`npm run fuzz -- --seed ${task.seed} goes about the same way again`);
};

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    input: { type: 'string', multiple: true, default: [] },
    found: { type: 'string', default: path.join('.build', 'found-by-fuzzing') },
    patience: { type: 'string', default: patienceS },
    blind: { type: 'boolean', default: false },
    sabotage: { type: 'boolean', default: false },
  },
});
const found = path.resolve(root, values.found);
const task: WorkerTask = {
  seconds: values.input.length > 0 ? 0 : Number(values.minutes) * 60,
  seed: Number(values.seed ?? randomInt(2 ** 32)),
  files: values.input.map((file) => path.resolve(root, file)),
  transcripts: path.join(root, 'test', 'conformance', 'transcripts'),
  currentFile: path.join(found, `current-${process.pid}`),
  isBlind: values.blind,
  isSabotaged: values.sabotage,
};
mkdirSync(found, { recursive: true });
say(`seed ${task.seed}`);
const { reason, progress } = await runWorker(task, Number(values.patience) * 1000);
say(describeProgress(progress));
if (reason === undefined) {
  say('Nothing was found.');
} else {
  tellFound(reason, task);
  process.exitCode = 1;
}
rmSync(task.currentFile, { force: true });
