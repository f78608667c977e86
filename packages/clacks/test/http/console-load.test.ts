import { expect, it } from 'vitest';
import type { ApiConsoleOutput, ApiError } from '../../src/http/api-types.ts';
import { RawClient } from '../../../../test/support/raw-client.ts';
import { HttpClient, startHttp } from './support.ts';

it('lets others have their turn while the console has much to do', async () => {
  await using server = await startHttp();
  const raw = await RawClient.login(server);
  raw.send(...Array.from({ length: 20_000 }, (_, index) => `STORE n${index}=1`));
  await raw.fence();
  const client = await HttpClient.login(server);
  const lines = Array.from({ length: 200 }, () => 'KEYLIST');
  const console = { isDone: false };
  const said = client.change('POST', '/api/console', { lines }).finally(() => {
    console.isDone = true;
  });
  let turns = 0;
  while (!console.isDone) {
    await raw.fence();
    turns++;
  }
  const { leftOut } = JSON.parse((await said).text) as ApiConsoleOutput;
  expect(leftOut).toBe(200 * 20_002 - 2000);
  expect(turns).toBeGreaterThan(20);
});

it('takes no more lines for the console before it is done with those that it has', async () => {
  await using server = await startHttp('<maxmessagespersecond>10</maxmessagespersecond>');
  const client = await HttpClient.login(server);
  // They take half a minute: so the answer is what came in ten seconds.
  const lines = Array.from({ length: 300 }, () => 'RETRIEVE a');
  const first = await client.change('POST', '/api/console', { lines });
  expect(first.status).toBe(200);
  const second = await client.change('POST', '/api/console', { lines });
  expect(second.status).toBe(503);
  expect((JSON.parse(second.text) as ApiError).error).toBe('unavailable');
});
