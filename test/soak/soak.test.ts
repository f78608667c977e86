import { expect, it } from 'vitest';
import { runSoak } from '../../bench/src/soak/soak.ts';

it('a small soak: no signal and no value is lost while clients come and go and a slave is killed', async () => {
  const result = await runSoak({
    seconds: 6,
    tls: 20,
    unix: 20,
    signals: 500,
    writes: 200,
    reconnects: 20,
    slaveLifeS: 2,
    sampleEveryS: 1,
    slaveListeners: 10,
  });
  expect(result.faults.list).toEqual([]);
  expect(result.slaveLives).toBeGreaterThan(1);
  expect(result.reconnects).toBeGreaterThan(20);
  expect(result.delivered).toBeGreaterThan(1000);
}, 60_000);
