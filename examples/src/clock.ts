// The article's clock: tells everybody who listens that another minute has begun.
import { pathToFileURL } from 'node:url';
import { connect } from '@clacks/client';
import { readArguments } from './arguments.ts';
import type { ExampleArguments } from './arguments.ts';
import { clockName } from './names.ts';
import { reportDisconnects, run } from './run.ts';

/** Starts the clock. It notifies at once, then at the beginning of every minute. */
export const startClock = async ({
  connection,
  minuteMs,
}: ExampleArguments): Promise<AsyncDisposable> => {
  // A ping proves that this loop is alive, so the loop sends it, not the library.
  const client = await connect({ ...connection, name: 'clock', autoPing: false });
  reportDisconnects(client, (line) => process.stdout.write(`${line}\n`));
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    void client.notify(clockName);
    client.ping();
    timer = setTimeout(tick, minuteMs - (Date.now() % minuteMs));
  };
  tick();
  return {
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      await client.close();
    },
  };
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run(async () => {
    await startClock(readArguments('clock'));
  });
}
