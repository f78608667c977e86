import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What may be added after the beginning: compiled code, what the fuzzer itself has seen. */
const toleratedBytes = 48 * 1024 * 1024;
const toleratedResources = 8;

interface Use {
  readonly heapBytes: number;
  /** Sockets, timers and the like. */
  readonly resources: number;
}

const use = (): Use => {
  collectGarbage();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
  };
};

/** Looks whether memory or open resources grow, from when it was made. */
export class Growth {
  readonly #first = use();

  /**
   * @throws Error if they have grown.
   */
  check(): void {
    const { heapBytes, resources } = use();
    const [grownBytes, grown] = [
      heapBytes - this.#first.heapBytes,
      resources - this.#first.resources,
    ];
    if (grownBytes > toleratedBytes) throw new Error(`memory has grown by ${grownBytes} bytes`);
    if (grown > toleratedResources) throw new Error(`there are ${grown} more open resources`);
  }
}
