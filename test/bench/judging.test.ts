import { describe, expect, it } from 'vitest';
import type { Run } from '../../bench/src/bench.ts';
import { costsOf, worseThan } from '../../bench/src/check.ts';
import { Verifier } from '../../bench/src/generator/verifier.ts';
import { isDisturbed } from '../../bench/src/machine/disturbance.ts';
import { medianOfRuns } from '../../bench/src/report/summary.ts';
import { medianOf, quantileOf } from '../../bench/src/statistics.ts';

const runOf = (peer: string, cpuNs: number, isNoisy = false): Run => ({
  ...{ workload: 'W1', peer, repetition: 1, figures: { cpuNs } },
  lap: {
    ...{ seconds: 1, serverNs: 1, serverLoad: 1, generatorLoad: 1, othersLoad: isNoisy ? 1 : 0 },
    isDisturbed: isNoisy,
  },
});

describe('judging of a benchmark', () => {
  it('a median is the middle one, or the mean of two', () => {
    expect(medianOf([3, 1, 2])).toBe(2);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(quantileOf([5, 1, 2, 3, 4], 0.99)).toBe(5);
  });

  it('a run is disturbed when others took time, or the host did', () => {
    const quiet = { elapsedMs: 1000, busyMs: 1500, stolenMs: 0, serverMs: 990, generatorMs: 500 };
    expect(isDisturbed(quiet)).toBe(false);
    expect(isDisturbed({ ...quiet, busyMs: 1700 })).toBe(true);
    expect(isDisturbed({ ...quiet, stolenMs: 100 })).toBe(true);
  });

  it('disturbed runs count only when there are no others', () => {
    const noisy = runOf('clacks', 900, true);
    expect(medianOfRuns([runOf('clacks', 100), noisy, noisy], 'cpuNs')).toBe(100);
    expect(medianOfRuns([noisy], 'cpuNs')).toBe(900);
  });

  it('a cost relative to the forwarder may grow by 15 %, not more, and must be measured', () => {
    const costs = costsOf([runOf('clacks', 230), runOf('forwarder', 20)]);
    expect(costs).toEqual({ 'W1 cpuNs': 11.5 });
    expect(worseThan({ 'W1 cpuNs': 10.1 }, costs)).toEqual([]);
    expect(worseThan({ 'W1 cpuNs': 9.9 }, costs)).toHaveLength(1);
    expect(worseThan({ 'W2 cpuNs': 10 }, costs)).toHaveLength(1);
  });

  it('the verifier sees a wrong, a missing and a swapped message, however they are cut', () => {
    const source = ['a1\n', 'a2\n'].map((text) => Buffer.from(text));
    const faultOf = (...chunks: string[]): string | undefined => {
      const verifier = new Verifier([source, [Buffer.from('b1\n')]], 'PING\n');
      for (const chunk of chunks) verifier.push(Buffer.from(chunk));
      return verifier.fault;
    };
    expect(faultOf('a1\nb1', '\nPI', 'NG\na2\na', '1\n')).toBeUndefined();
    expect(faultOf('a2\n')).toBeDefined();
    expect(faultOf('a1\na1\n')).toBeDefined();
    expect(faultOf('a1\nc')).toBeDefined();
  });
});
