import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { StoreReport, StoreRequest, StoreTask } from './messages.ts';

/** What a store's process tells, and that it has ended: that comes once, and nothing after it. */
export type ChildReport = StoreReport | { readonly kind: 'ended'; readonly reason: string };

/** What LMDB writes when it gives up is the best that is known: so much of its beginning. */
const maxErrorLength = 300;

/** The process runs what was built, wherever the sources are run. */
const scriptPath = (): string => createRequire(import.meta.url).resolve('#store-process');

/** The first line that says something, fit to be a part of another one. */
const firstLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- Control characters are what this is about.
  (/\S.*/u.exec(text)?.[0] ?? '').replaceAll(/[\u0000-\u001f\u007f]/gu, ' ').trim();

const endedBy = (signal: NodeJS.Signals): string =>
  signal === 'SIGBUS'
    ? `was ended by ${signal}, since the file is cut off, or its disk is full or broken`
    : `was ended by ${signal}`;

/** A store's process, as its parent sees it. */
export class StoreChild {
  readonly #child: ChildProcess;
  #errors = '';
  #isOver = false;

  constructor(task: StoreTask, told: (report: ChildReport) => void) {
    this.#child = fork(scriptPath(), [JSON.stringify(task)], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const { stderr } = this.#child;
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(0, maxErrorLength);
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
      const how = signal === null ? `ended with ${code}` : endedBy(signal);
      const tell = (): void => {
        const why = firstLine(this.#errors);
        end(`its process ${how}${why === '' ? '' : `: ${why}`}`);
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

  /** Ends it at once, whatever it does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends it: it has nothing to keep. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}
