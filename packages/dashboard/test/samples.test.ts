import type { ApiSample } from 'clacks/admin-api';
import { describe, expect, it } from 'vitest';
import { addSamples, extentOf, gapsOf, pointsOf, sampleAt } from '../src/views/overview/samples.ts';

const sample = (atMs: number, connections = 0): ApiSample => ({
  atMs,
  connections,
  linesReceivedPerS: 0,
  linesSentPerS: 0,
  bytesReceivedPerS: 0,
  bytesSentPerS: 0,
  eventLoopDelayP50Ms: 0,
  eventLoopDelayP99Ms: 0,
  eventLoopDelayMaxMs: 0,
  storeCommitMaxMs: 0,
  cacheEntries: 0,
  bufferedBytes: 0,
});
const at = (...times: number[]): ApiSample[] => times.map((time) => sample(time, time));

describe('samples of the overview', () => {
  it('are put together in order, each once', () => {
    const known = addSamples([], at(3000, 4000));
    expect(addSamples(known, at(1000, 2000, 3000)).map(({ atMs }) => atMs)).toEqual([
      1000, 2000, 3000, 4000,
    ]);
    expect(addSamples(known, at(4000))).toBe(known);
  });

  it('do not count before the first second is over', () => {
    expect(addSamples([], at(0))).toEqual([]);
  });

  it('are no more than 600: the oldest go', () => {
    const many = Array.from({ length: 700 }, (_, index) => sample(1000 * (index + 1)));
    const kept = addSamples([], many);
    expect([kept.length, kept[0]?.atMs]).toEqual([600, 101_000]);
  });

  it('have gaps where seconds are missing, up to now', () => {
    const samples = at(1000, 2000, 4000, 9000);
    expect(gapsOf(samples, 10_000)).toEqual([{ fromMs: 4000, toMs: 9000 }]);
    expect(gapsOf(samples, 20_000)).toEqual([
      { fromMs: 4000, toMs: 9000 },
      { fromMs: 9000, toMs: 20_000 },
    ]);
  });

  it('are drawn without a line through a gap', () => {
    expect(pointsOf(at(1000, 2000, 9000), ['connections', 'cacheEntries'])).toEqual([
      [1000, 2000, 2001, 9000],
      [1000, 2000, null, 9000],
      [0, 0, null, 0],
    ]);
  });

  it('are found by their moment, unless that is in a gap', () => {
    const samples = at(1000, 2000, 9000);
    expect(sampleAt(samples, 1600)?.atMs).toBe(2000);
    expect(sampleAt(samples, 5000)).toBeUndefined();
  });

  it('have a mean and a greatest value', () => {
    expect(extentOf(at(1000, 3000), 'connections')).toEqual({ mean: 2000, max: 3000 });
    expect(extentOf([], 'connections')).toEqual({ mean: 0, max: 0 });
  });
});
