import { expect, it } from 'vitest';
import { runFleet } from '../../bench/src/fleet.ts';
import { TestServer } from '../support/test-server.ts';

it('a thousand TLS clients signal each other: none lost, none doubled, in order', async () => {
  await using server = await TestServer.start();
  const result = await runFleet(
    {
      host: '127.0.0.1',
      port: server.port,
      tls: { ca: server.ca },
      username: 'admin',
      password: 'adminpass',
    },
    { clients: 1000, steadySignals: 200, steadyMs: 1000, burstSignals: 20_000 },
  );
  expect(result.faults).toEqual([]);
  expect(result.deliveries).toBe(result.expectedDeliveries);
  expect(result.expectedDeliveries).toBeGreaterThan(200_000);
}, 120_000);
