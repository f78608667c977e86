import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { StoreReport, StoreRequest, StoreTask } from './messages.ts';

/** What a store's process tells, and that it has ended: that comes once, and nothing after it. */
export type ChildReport = StoreReport | { readonly kind: 'ended'; readonly reason: string };

/** What LMDB writes when it gives up is the best that is known: that much of it is kept. */
const maxErrorBytes = 500;

// The process runs what was built, wherever the sources are run.
const script = createRequire(import.meta.url).resolve('#store-process');

/** A store's process, as its parent sees it. */
export class StoreChild {
  readonly #child: ChildProcess;
  #errors = '';
  #isOver = false;

  constructor(task: StoreTask, told: (report: ChildReport) => void) {
    this.#child = fork(script, [JSON.stringify(task)], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const { stderr } = this.#child;
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-maxErrorBytes);
    });
    this.#child.on('message', (report) => {
      told(report as StoreReport);
    });
    const end = (reason: string): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      told({ kind: 'ended', reason });
    };
    this.#child.on('error', (error) => {
      end(error.message);
    });
    // 'close' does not come after a disconnect from here.
    this.#child.on('exit', (code, signal) => {
      const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
      const tell = (): void => {
        end(`its process ${how}${this.#errors === '' ? '' : `: ${this.#errors.trim()}`}`);
      };
      // What it wrote last may still be on its way.
      if (stderr === null || stderr.destroyed) tell();
      else stderr.once('close', tell);
    });
  }

  /** Asks it for something. What it cannot be asked any more shows by its end. */
  ask(request: StoreRequest): void {
    if (this.#child.connected) this.#child.send(request, undefined, undefined, () => undefined);
  }

  /** Ends it: it has nothing to keep. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
