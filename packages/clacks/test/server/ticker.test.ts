import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Ticker } from '../../src/server/ticker.ts';

it('a ticker that is woken ticks from its start on, and not before', async () => {
  let ticks = 0;
  const ticker = new Ticker({ nextTickMs: 0 }, () => {
    ticks++;
  });
  ticker.wake();
  // Timers of the same time come in order: that of a tick would have come before.
  await wait(1);
  await wait(1);
  expect(ticks).toBe(0);
  ticker.start();
  while (ticks === 0) await wait(1);
  ticker.stop();
  const before = ticks;
  ticker.wake();
  await wait(1);
  await wait(1);
  expect(ticks).toBe(before);
});
