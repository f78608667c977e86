import { describe, expect, it } from 'vitest';
import type { Run } from '../../bench/src/bench.ts';
import {
  comparableOf,
  comparisonsOf,
  costsOf,
  faultsOf,
  newCostsOf,
} from '../../bench/src/check.ts';
import { leastOf } from '../../bench/src/generator/stopwatch.ts';
import { Verifier } from '../../bench/src/generator/verifier.ts';
import { isDisturbed } from '../../bench/src/machine/disturbance.ts';
import { growthTableOf } from '../../bench/src/report/growth-table.ts';
import { medianOfRuns } from '../../bench/src/report/summary.ts';
import type { Row } from '../../bench/src/report/summary.ts';
import { tableOf } from '../../bench/src/report/table.ts';
import { medianOf, quantileOf } from '../../bench/src/statistics.ts';
import { isNamed } from '../../bench/src/workloads/workload.ts';
import { allWorkloads } from '../../bench/src/workloads/workloads.ts';

const runOf = (peer: string, cpuNs: number, isNoisy = false): Run => ({
  ...{ workload: 'W1', peer, repetition: 1, figures: { cpuNs, leastCpuNs: cpuNs } },
  lap: {
    ...{ seconds: 1, serverNs: 1, serverLoad: 1, generatorLoad: 1, othersLoad: isNoisy ? 1 : 0 },
    isDisturbed: isNoisy,
  },
});

const rowOf = (workload: string, key: string, medians: Readonly<Record<string, number>>): Row => ({
  ...{ workload, title: 'of a test', figure: { key, title: '', unit: 'units' } },
  medians: new Map(Object.entries(medians)),
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

  it('a run with a fault counts nowhere, and is told', () => {
    const faulty = { ...runOf('clacks', 1), fault: '5 bytes did not come' };
    const right = { ...runOf('clacks', 100), fault: '' };
    expect(medianOfRuns([faulty, right], 'cpuNs')).toBe(100);
    expect(medianOfRuns([faulty], 'cpuNs')).toBeUndefined();
    expect(costsOf([faulty, right, runOf('forwarder', 10)])).toEqual({ 'W1 leastCpuNs': 10 });
    expect(faultsOf([right, faulty])).toEqual(['W1 clacks: FAULT: 5 bytes did not come']);
  });

  it('a target in relation to a peer, and one by itself, are reached or missed', () => {
    const table = tableOf(
      [
        rowOf('W1', 'perSecond', { clacks: 1.4e6, nats: 1e6 }),
        rowOf('W2', 'perSecond', { clacks: 1e6, nats: 1e6 }),
        rowOf('W6', 'manyKib', { clacks: 7.5 }),
        rowOf('W6T', 'manyKib', { clacks: 40 }),
      ],
      true,
    );
    const ends = table.split('\n').map((line) => line.split('|').at(-2)?.trim());
    expect(ends.slice(2)).toEqual([
      '≥ 1.3 × nats: 1.4, reached',
      '≥ 1.5 × nats: 1, missed',
      '≤ 8 units: 7.5, reached',
      '≤ 34 units: 40, missed',
    ]);
  });

  it('nothing is judged in a quick run, and what was nothing has no ratio', () => {
    const table = tableOf([rowOf('W6', 'manyKib', { clacks: 9, nats: 0, aedes: 3 })], false);
    expect(table).not.toContain('wanted');
    expect(table).not.toContain('missed');
    expect(table.split('\n').at(-1)?.replaceAll(/ +/gu, ' ')).toBe(
      '| W6 of a test | units | 9 | 0 | 3 (3.00) |',
    );
  });

  it('what costs grow with is compared with the fewest of it, by peer', () => {
    const rows = [
      [10, 100, 200],
      [1000, 120, 200],
      [100_000, 160, 300],
    ].map(([count = 0, clacks = 0, nats = 0]): Row => {
      const growth = { axis: 'names', count };
      return { ...rowOf(`W10/names/${count}`, 'cpuNs', { clacks, nats }), growth };
    });
    const lines = growthTableOf(rows).split('\n').slice(2);
    expect(lines.map((line) => line.replaceAll(/ +/gu, ' '))).toEqual([
      '| of a test | 100 | 200 |',
      '| of a test | 120 (1.20) | 200 (1.00) |',
      '| of a test | 160 (1.60) | 300 (1.50) |',
    ]);
  });

  it('a cost is the least of clacks by the least of the forwarder, whatever disturbed the others', () => {
    const runs = [230, 900, 240].map((cpuNs) => runOf('clacks', cpuNs));
    const floor = [20, 21, 80].map((cpuNs) => runOf('forwarder', cpuNs, true));
    expect(costsOf([...runs, ...floor])).toEqual({ 'W1 leastCpuNs': 11.5 });
    expect(costsOf(runs)).toEqual({});
  });

  it('the cheapest part is the least of those in which something was done', () => {
    const [idle, waking] = [
      { ns: 0, done: 0 },
      { ns: 50, done: 0 },
    ];
    expect(leastOf([idle, { ns: 300, done: 10 }, waking, { ns: 200, done: 10 }])).toBe(20);
    expect(leastOf([idle])).toBe(Infinity);
  });

  it('a cost may grow by 15 %, not more, and must be measured', () => {
    const isWorse = (baseline: Readonly<Record<string, number>>): boolean[] =>
      comparisonsOf(baseline, { 'W1 leastCpuNs': 11.5 }).map((comparison) => comparison.isWorse);
    expect(isWorse({ 'W1 leastCpuNs': 10.1 })).toEqual([false]);
    expect(isWorse({ 'W1 leastCpuNs': 9.9 })).toEqual([true]);
    expect(isWorse({ 'W2 leastCpuNs': 10 })).toEqual([true]);
  });

  it('a workload is meant by its name or the beginning of it, in any case', () => {
    const meant = (wanted: string): string[] =>
      allWorkloads.filter((workload) => isNamed(workload, wanted)).map(({ name }) => name);
    expect(meant('w1')).toEqual(['W1']);
    expect(meant('W5')).toEqual(['W5', 'W5/10']);
    expect(meant('w5/10')).toEqual(['W5/10']);
    expect(meant('w10/Names')).toHaveLength(3);
    expect(meant('W')).toEqual([]);
  });

  it('only what has costs in the baseline can be compared; new costs are told', () => {
    const baseline = { 'W1 leastCpuNs': 5, 'W5 storeLeastCpuNs': 5 };
    const comparable = (...names: string[]): string[] =>
      comparableOf(
        baseline,
        allWorkloads.filter(({ name }) => names.includes(name)),
      ).map(({ name }) => name);
    expect(comparable('W1', 'W5', 'W5/10')).toEqual(['W1', 'W5']);
    expect(() => comparable('W1', 'W4')).toThrow(
      'W4 has no costs in bench/baseline.json; there are: W1, W5',
    );
    expect(() => comparable('W5/10')).toThrow('W5/10 has no costs');
    expect(newCostsOf(baseline, { 'W1 leastCpuNs': 6, 'W5 otherLeastCpuNs': 7 })).toEqual([
      'W5 otherLeastCpuNs: not in the baseline, is 7.00 times the forwarder',
    ]);
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
