import { expect, it } from 'vitest';
import { SignalSampler } from '../../src/http/signal-sampler.ts';

it('shows names that always come last as well, a part of all at a time', () => {
  const sampler = new SignalSampler(10);
  const shown = new Set<string>();
  for (let round = 0; round < 100; round++) {
    for (let name = 0; name < 100; name++) sampler.add(`SET n${name}=${round}\r\n`);
    const taken = sampler.take();
    expect(taken).toMatchObject({ seen: 100, leftOut: 90 });
    expect(new Set(taken?.items.map(({ name }) => name)).size).toBe(10);
    for (const { name, value } of taken?.items ?? []) {
      shown.add(name);
      expect(value).toBe(String(round));
    }
  }
  // A hundred times ten of a hundred: that one is never among them happens once in 38,000 names.
  expect(shown.size).toBeGreaterThan(90);
});
