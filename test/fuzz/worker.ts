// Tries inputs, in a process of its own: an input may hang it or end it.
import { stopClock } from './clock.ts';
import { Coverage } from './coverage.ts';
import type { WorkerReport, WorkerTask } from './messages.ts';

// That of the servers is stopped.
const now = performance.now.bind(performance);

const report = (message: WorkerReport): void => {
  process.send?.(message);
};

/** The parent ends this process then: what has failed may go on failing. */
const fail = (error: unknown): void => {
  report({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? '') : String(error) });
};

const work = async (task: WorkerTask): Promise<void> => {
  const coverage = new Coverage();
  stopClock();
  // Only what is loaded from now on is counted block by block.
  const { fuzz } = await import('./fuzzer.ts');
  await fuzz(task, coverage, now, report);
  process.disconnect();
};

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.once('message', (task: WorkerTask) => {
  work(task).catch(fail);
});
