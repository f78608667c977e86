// npm run soak [-- --minutes M]: runs a soak and judges it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { whyTooMany } from './machine/open-files.ts';
import { positiveNumber, readArguments, runScript, UsageError, wholeNumber } from './options.ts';
import { growthOf } from './soak/growth.ts';
import type { Moment } from './soak/growth.ts';
import { plot } from './soak/plot.ts';
import type { Panel } from './soak/plot.ts';
import { runSoak } from './soak/soak.ts';
import { medianOf } from './statistics.ts';

const readPlan = () => {
  const { values } = readArguments({
    options: {
      minutes: { type: 'string', default: '30' },
      tls: { type: 'string', default: '2000' },
      unix: { type: 'string', default: '2000' },
      signals: { type: 'string', default: '20000' },
    },
  });
  return {
    seconds: positiveNumber('minutes', values.minutes) * 60,
    tls: wholeNumber('tls', values.tls),
    unix: wholeNumber('unix', values.unix),
    signals: wholeNumber('signals', values.signals),
  };
};

const mib = 2 ** 20;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const head =
  '   time   sent/s  deliv./s  open  RSS MiB  heap  ext.  handles   fds  p99 ms  cpu %  load %' +
  ' | slave RSS  heap  p99 ms';

const rowOf = ({ atS, sent, delivered, master, slave, ...loads }: Moment): string => {
  const cells: [number, number][] = [
    [sent, 8],
    [delivered, 9],
    [master.statistics.connections.open, 5],
    [master.residentBytes / mib, 8],
    [master.heapBytes / mib, 5],
    [master.externalBytes / mib, 5],
    [master.handles, 8],
    [master.fileDescriptors, 5],
    [master.delayP99Ms, 7],
    [loads.masterLoad * 100, 6],
    [loads.generatorLoad * 100, 7],
  ];
  const row = cells.map(([value, width]) => value.toFixed(0).padStart(width)).join(' ');
  const ofSlave = slave
    ? [slave.residentBytes / mib, slave.heapBytes / mib, slave.delayP99Ms]
    : undefined;
  const rest = ofSlave?.map((value) => value.toFixed(0).padStart(6)).join(' ') ?? '   cut off';
  return `${atS.toFixed(0).padStart(5)} s ${row} | ${rest}`;
};

const panelsOf = (moments: readonly Moment[]): Panel[] => {
  const curve = (name: string, of: (moment: Moment) => number | undefined) => ({
    name,
    points: moments.flatMap((moment): (readonly [number, number])[] => {
      const value = of(moment);
      return value === undefined ? [] : [[moment.atS, value]];
    }),
  });
  return [
    {
      title: 'memory, MiB',
      curves: [
        curve('master, resident', ({ master }) => master.residentBytes / mib),
        curve('master, heap', ({ master }) => master.heapBytes / mib),
        curve('slave, resident', ({ slave }) => slave && slave.residentBytes / mib),
      ],
    },
    {
      title: 'handles of the master',
      curves: [
        curve('handles', ({ master }) => master.handles),
        curve('file descriptors', ({ master }) => master.fileDescriptors),
        curve('open connections', ({ master }) => master.statistics.connections.open),
      ],
    },
    {
      title: 'signals a second',
      curves: [
        curve('offered', ({ offered }) => offered),
        curve('sent', ({ sent }) => sent),
        curve('delivered', ({ delivered }) => delivered),
      ],
    },
    {
      title: 'delay of the event loop, 99th percentile, ms',
      curves: [
        curve('master', ({ master }) => master.delayP99Ms),
        curve('slave', ({ slave }) => slave?.delayP99Ms),
      ],
    },
  ];
};

const main = async (): Promise<boolean> => {
  const { seconds, tls, unix, signals } = readPlan();
  const problem = whyTooMany(tls + unix);
  if (problem !== undefined) throw new UsageError(problem);
  const rows = { count: 0 };
  const result = await runSoak(
    {
      ...{ seconds, tls, unix, signals },
      writes: 500,
      reconnects: 50,
      slaveLifeS: 60,
      sampleEveryS: 5,
      slaveListeners: 100,
    },
    (moment) => {
      if (rows.count++ % 24 === 0) print(head);
      print(rowOf(moment));
    },
  );
  const { moments, faults } = result;
  const directory = path.join(import.meta.dirname, '..', '..', '.build', 'soak');
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'soak.json'), JSON.stringify(moments));
  writeFileSync(path.join(directory, 'soak.svg'), plot(panelsOf(moments)));

  const warmUpS = Math.max(60, seconds / 5);
  const growth = growthOf(moments, warmUpS);
  const warm = moments.filter(({ atS }) => atS >= Math.min(warmUpS, seconds / 2));
  print(
    `\n${tls} TLS and ${unix} unix connections in ${(result.connectMs / 1000).toFixed(1)} s, ` +
      `${result.reconnects} reconnects, a slave linked ${result.slaveLives} times`,
  );
  print(
    `signals: offered ${signals}/s, sent ${medianOf(warm.map(({ sent }) => sent)).toFixed(0)}/s, ` +
      `${result.sent} in all, ${result.delivered} deliveries`,
  );
  print(
    growth.length === 0
      ? 'too short to tell whether anything grows'
      : `after ${warmUpS} s of warm-up, medians of the first and the last third:`,
  );
  for (const { name, unit, before, after, allowed, isGood } of growth) {
    const numbers = `${before.toFixed(0)} -> ${after.toFixed(0)} ${unit}`;
    print(`  ${name}: ${numbers} (at most ${allowed.toFixed(0)}): ${isGood ? 'good' : 'GROWS'}`);
  }
  print(`faults: ${faults.count}`);
  for (const fault of faults.list) print(`  ${fault}`);
  print(`plot: ${path.join(directory, 'soak.svg')}`);
  return faults.count === 0 && growth.every(({ isGood }) => isGood);
};

await runScript(main);
