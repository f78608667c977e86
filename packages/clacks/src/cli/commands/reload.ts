import type { Command } from 'commander';
import { addConnectionOptions } from '../connection-options.ts';
import { printNote } from '../output.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks reload`. */
export const addReloadCommand = (program: Command): void => {
  const command = program
    .command('reload')
    .description('let the server read its configuration anew, without an end of any connection')
    .addHelpText(
      'after',
      `
Users, certificates, limits, times and the log level are taken over; what else has changed is named and
needs a restart. If something is wrong with the configuration, nothing changes. SIGHUP does the same.
The permission 'manage' is needed.

Example:
  clacks reload`,
    )
    .action(async (_options: object, self: Command) => {
      await withClient(self, async (client) => {
        const needsRestart = await client.reload();
        if (needsRestart.length === 0) return;
        printNote(`note: reloaded, but these need a restart: ${needsRestart.join(', ')}`);
      });
    });
  addConnectionOptions(command);
};
