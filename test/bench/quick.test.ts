import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { allPeers } from '../../bench/src/peers/peers.ts';
import { allWorkloads } from '../../bench/src/workloads/workloads.ts';

const script = new URL('../../bench/dist/main.js', import.meta.url).pathname;

interface Written {
  readonly runs: readonly { workload: string; peer: string; figures: object; fault?: string }[];
}

describe('npm run bench', () => {
  it('--quick measures every workload with every installed peer, and every byte is right', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'clacks-quick-'));
    const args = [script, '--quick', '--verify', '--output', directory];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).not.toContain('FAULT');
    expect(status).toBe(0);
    expect(stdout).toContain('| W1 1 → 1 ');
    const json = await readFile(path.join(directory, 'bench.json'), 'utf8');
    const { runs } = JSON.parse(json) as Written;
    const installed = allPeers.filter((peer) => peer.version() !== undefined);
    const wanted = allWorkloads.flatMap(({ name, peers }) =>
      installed.filter((peer) => peers.includes(peer.name)).map((peer) => `${name} ${peer.name}`),
    );
    const measured = runs.map(({ workload, peer }) => `${workload} ${peer}`);
    expect(measured.toSorted()).toEqual(wanted.toSorted());
    for (const { figures } of runs) {
      for (const value of Object.values(figures)) expect(value).toEqual(expect.any(Number));
    }
    expect(await readFile(path.join(directory, 'bench.svg'), 'utf8')).toContain('<svg');
    await rm(directory, { recursive: true });
  }, 300_000);

  it.each([
    [['nothing'], 'No bench nothing; there are: W1, '],
    [['W1', '--peers', 'nobody'], 'No peer nobody; there are: clacks, '],
    [['W1', '--repetitions', 'many'], '--repetitions is a whole number above 0, not many'],
  ])('wrong arguments %j are told in one line', (args, message) => {
    const { status, stdout } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    expect(stdout).toContain(message);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(1);
  });
});
