import { commandTable } from './command-table.ts';
import type { CommandSpec } from './command-table.ts';
import { indexOfVerb } from './traffic.ts';

/** A command of the table, and where its lines are counted. */
export type CountedSpec = CommandSpec<never> & { readonly index: number };

// A Map, because a plain object would answer to `constructor` and `toString`.
const specs = new Map<string, CountedSpec>(
  Object.entries(commandTable).map(([verb, spec]) => [
    verb,
    { ...(spec as CommandSpec<never>), index: indexOfVerb(verb) },
  ]),
);

/** The command of a verb that clients may send; `undefined` if there is none. */
export const specOf = (verb: string): CountedSpec | undefined => specs.get(verb);
