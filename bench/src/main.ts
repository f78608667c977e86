// npm run bench [-- NAME…]: measures servers in processes of their own, see docs/benchmark.md.
import path from 'node:path';
import { aloneBenches, aloneOptions } from './alone.ts';
import { compare } from './compare.ts';
import { guard, guardedWorkloads, guardRepetitions, writeBaseline } from './guard.ts';
import { readArguments, runScript, UsageError, wholeNumber } from './options.ts';
import { allPeers } from './peers/peers.ts';
import { allWorkloads } from './workloads/workloads.ts';
import { isNamed } from './workloads/workload.ts';

const readOptions = () =>
  readArguments({
    allowPositionals: true,
    options: {
      ...aloneOptions,
      peers: { type: 'string', default: '' },
      repetitions: { type: 'string' },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      verify: { type: 'boolean', default: false },
      output: {
        type: 'string',
        default: path.join(import.meta.dirname, '..', '..', '.build', 'bench'),
      },
    },
  });

const workloadsNamed = (wanted: readonly string[]) => {
  const unknown = wanted.find((name) => !allWorkloads.some((workload) => isNamed(workload, name)));
  if (unknown !== undefined) {
    const names = allWorkloads.map(({ name }) => name.split('/')[0] ?? '');
    const all = [...new Set(names), ...Object.keys(aloneBenches)];
    throw new UsageError(`No bench ${unknown}; there are: ${all.join(', ')}`);
  }
  const isWanted = (workload: (typeof allWorkloads)[number]): boolean =>
    wanted.length === 0 || wanted.some((name) => isNamed(workload, name));
  return allWorkloads.filter(isWanted);
};

const peersNamed = (wanted: readonly string[]) => {
  const names = allPeers.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`No peer ${unknown}; there are: ${names.join(', ')}`);
  }
  return allPeers.filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name) || name === 'clacks',
  );
};

const main = async (): Promise<boolean> => {
  const { values, positionals } = readOptions();
  const bench = positionals.length === 1 ? aloneBenches[positionals[0] ?? ''] : undefined;
  if (bench !== undefined) {
    const { lines, isGood } = await bench(values);
    process.stdout.write(`${lines.join('\n')}\n`);
    return isGood;
  }
  const wholeOr = (usual: number): number =>
    values.repetitions === undefined ? usual : wholeNumber('repetitions', values.repetitions);
  if (values.check) {
    const workloads =
      positionals.length > 0
        ? workloadsNamed(positionals)
        : allWorkloads.filter(({ name }) => guardedWorkloads.includes(name));
    const plan = { workloads, repetitions: wholeOr(guardRepetitions) };
    return values.update ? await writeBaseline(plan) : await guard(plan);
  }
  return await compare({
    workloads: workloadsNamed(positionals),
    peers: peersNamed(values.peers.split(',').filter((name) => name !== '')),
    repetitions: wholeOr(values.quick ? 1 : 3),
    output: values.output,
    isQuick: values.quick,
    isVerified: values.verify,
  });
};

await runScript(main);
