// npm run bench [-- NAME…]: measures servers in processes of their own, see docs/benchmark.md.
import path from 'node:path';
import { aloneBenches, aloneOptions } from './alone.ts';
import { compare } from './compare.ts';
import { guard, guardedWorkloads, guardRepetitions, writeBaseline } from './guard.ts';
import { helpOf } from './help.ts';
import { readArguments, refuseOthers, runScript, UsageError, wholeNumber } from './options.ts';
import { allPeers } from './peers/peers.ts';
import { allWorkloads } from './workloads/workloads.ts';
import { isNamed } from './workloads/workload.ts';

const readOptions = () =>
  readArguments({
    ...{ allowPositionals: true, tokens: true },
    options: {
      ...aloneOptions,
      help: { type: 'boolean', short: 'h', default: false },
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
    const all = [...new Set(names), ...aloneBenches.keys()];
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

/** Compares costs with the baseline, or writes that. */
const check = async (
  wanted: readonly string[],
  isUpdate: boolean,
  repetitions: number,
): Promise<boolean> => {
  const workloads =
    wanted.length > 0
      ? workloadsNamed(wanted)
      : allWorkloads.filter(({ name }) => guardedWorkloads.includes(name));
  const plan = { workloads, repetitions };
  return isUpdate ? await writeBaseline(plan) : await guard(plan);
};

const main = async (): Promise<boolean> => {
  const { values, positionals, tokens } = readOptions();
  if (values.help) {
    const names = allPeers.map(({ name }) => name);
    process.stdout.write(`${helpOf(allWorkloads, names)}\n`);
    return true;
  }
  const [only = '', ...others] = positionals.map((name) => name.toLowerCase());
  const bench = others.length === 0 ? aloneBenches.get(only) : undefined;
  if (bench !== undefined) {
    refuseOthers(tokens, bench.options, `with ${only}`);
    const { lines, isGood } = await bench.run(values);
    process.stdout.write(`${lines.join('\n')}\n`);
    return isGood;
  }
  const wholeOr = (usual: number): number =>
    values.repetitions === undefined ? usual : wholeNumber('repetitions', values.repetitions);
  if (values.check) {
    refuseOthers(tokens, ['check', 'update', 'repetitions'], 'with --check');
    return await check(positionals, values.update, wholeOr(guardRepetitions));
  }
  if (values.update) throw new UsageError('--update has no meaning without --check');
  refuseOthers(tokens, ['peers', 'repetitions', 'quick', 'verify', 'output'], 'for workloads');
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
