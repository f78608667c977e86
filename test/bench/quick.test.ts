import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allPeers } from '../../bench/src/peers/peers.ts';
import { allWorkloads } from '../../bench/src/workloads/workloads.ts';

const scriptOf = (name: string): string =>
  new URL(`../../bench/dist/${name}`, import.meta.url).pathname;

interface Written {
  readonly runs: readonly { workload: string; peer: string; figures: object; fault?: string }[];
}

describe('npm run bench -- --quick', () => {
  let directory: string;
  let result: { status: number | null; stdout: string; stderr: string };
  let runs: Written['runs'];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'clacks-quick-'));
    const args = [scriptOf('main.js'), '--quick', '--verify', '--output', directory];
    result = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const json = await readFile(path.join(directory, 'bench.json'), 'utf8');
    ({ runs } = JSON.parse(json) as Written);
  }, 300_000);

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  it('every byte is right, and there are tables and a chart, without verdicts', async () => {
    expect(result.stderr).not.toContain('FAULT');
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('| W1 1 → 1 ');
    expect(result.stdout).toContain('| 100,000 names ');
    expect(result.stdout).not.toMatch(/NaN|Infinity|reached|missed/u);
    expect(await readFile(path.join(directory, 'bench.svg'), 'utf8')).toContain('<svg');
  });

  it.for(allPeers)('every workload of $name is measured', (peer, context) => {
    const { name, program = name } = peer;
    if (peer.version() === undefined) {
      const why = `${name} is left out: ${program} is not installed`;
      expect(result.stderr).toContain(why);
      context.skip(`${why}; npm run bench, called by root, installs it on Debian`);
    }
    const wanted = allWorkloads.filter(({ peers }) => peers.includes(name));
    const measured = runs.filter(({ peer }) => peer === name);
    expect(measured.map(({ workload }) => workload)).toEqual(
      wanted.map((workload) => workload.name),
    );
    for (const { figures } of measured) {
      for (const value of Object.values(figures)) expect(value).toEqual(expect.any(Number));
    }
  });
});

it('--help tells all options and workloads', () => {
  const { status, stdout } = spawnSync(process.execPath, [scriptOf('main.js'), '--help'], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  for (const { name, title } of allWorkloads) {
    expect(stdout).toContain(`  ${name} `);
    expect(stdout).toContain(title);
  }
  for (const option of ['--peers', '--check', '--update', '--clients']) {
    expect(stdout).toContain(option);
  }
});

describe('wrong arguments are told in one line', () => {
  it.each([
    ['main.js', ['nothing'], 'No bench nothing; there are: W1, '],
    ['main.js', ['W1', '--peers', 'nobody'], 'No peer nobody; there are: clacks, '],
    [
      'main.js',
      ['W1', '--repetitions', 'many'],
      '--repetitions is a whole number above 0, not many',
    ],
    ['main.js', ['W4', '--check'], 'W4 has no costs in bench/baseline.json; there are: W1, '],
    ['main.js', ['--update'], '--update has no meaning without --check'],
    ['main.js', ['w1', '--check', '--quick'], '--quick has no meaning with --check'],
    ['main.js', ['--check', '--output', 'x'], '--output has no meaning with --check'],
    ['main.js', ['sync', '--rounds', '1'], '--rounds has no meaning with sync'],
    ['main.js', ['W1', '--clients', '5'], '--clients has no meaning for workloads'],
    ['main.js', ['--fast'], "Unknown option '--fast'"],
    ['main.js', ['fleet', '--clients', '1'], '--clients is a whole number of at least 2, not 1'],
    [
      'main.js',
      ['fleet', '--steady-signals', '-5'],
      "Option '--steady-signals' argument is ambiguous",
    ],
    [
      'main.js',
      ['fleet', '--steady-seconds', 'long'],
      '--steady-seconds is a number above 0, not long',
    ],
    ['main.js', ['sync', '--entries', '1.5'], '--entries is a whole number above 0, not 1.5'],
    ['main.js', ['persistence', '--rounds='], '--rounds is a whole number above 0, not nothing'],
    ['soak-main.js', ['--minutes', '0'], '--minutes is a number above 0, not 0'],
    ['micro.js', ['('], '( is no regular expression'],
    ['micro.js', ['nothing'], 'Nothing is called nothing; there are: lines, of one name; '],
    ['soak-main.js', ['--tls', 'x'], '--tls is a whole number above 0, not x'],
  ])('%s %j', (script, args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [scriptOf(script), ...args], {
      encoding: 'utf8',
    });
    expect(stdout).toContain(message);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toBe('');
    expect(status).toBe(1);
  });
});
