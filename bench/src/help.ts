import type { Workload } from './workloads/workload.ts';

const options = [
  ['--peers NAME,…', 'clacks and these servers only'],
  ['--repetitions N', 'so many runs of each; 3 if not given'],
  ['--quick', 'short runs, once: tells whether all works, not how fast it is'],
  ['--verify', 'compares every received byte with what must come; figures say nothing then'],
  ['--output DIR', 'where files go; .build/bench if not given'],
  ['--check', 'compares costs with bench/baseline.json instead'],
  ['--check --update', 'writes them into bench/baseline.json'],
  ['--help', 'this text'],
] as const;

const alone = [
  ['fleet', '--clients N --steady-signals N --steady-seconds S --burst-signals N'],
  ['sync', '--entries N'],
  ['persistence', '--rounds N --entries N'],
] as const;

const linesOf = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
};

/** How the bench is called, with all options and workloads. */
export const helpOf = (workloads: readonly Workload[], peers: readonly string[]): string =>
  [
    'npm run bench -- [WORKLOAD…] [OPTION…]: measures the server beside others, see docs/benchmark.md.',
    '',
    ...linesOf(options),
    '',
    `Servers: ${peers.join(', ')}`,
    '',
    'Workloads; W5 means W5/10 as well, W10/names all that begin with it:',
    ...linesOf(workloads.map(({ name, title }) => [name, title])),
    '',
    'Our server alone:',
    ...linesOf(alone),
  ].join('\n');
