import type { Command } from 'commander';
import { parseLines } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { CommandError } from '../exit-code.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks kick`. */
export const addKickCommand = (program: Command): void => {
  const command = program
    .command('kick')
    .description('close connections')
    .argument('<cid...>', "as 'clacks clients' shows them", parseLines)
    .addHelpText(
      'after',
      `
If one of them is not there, it closes none. The permission 'manage' is needed.

Example:
  clacks kick 127.0.0.1:41234:7`,
    )
    .action(async (cids: readonly string[], _options: object, self: Command) => {
      await withClient(self, async (client) => {
        const present = new Set((await client.clientList()).map(({ cid }) => cid));
        const missing = cids.find((cid) => !present.has(cid));
        if (missing !== undefined) {
          throw new CommandError(`There is no connection ${missing}: see 'clacks clients'.`);
        }
        for (const cid of cids) await client.disconnectClient(cid);
      });
    });
  addConnectionOptions(command);
};
