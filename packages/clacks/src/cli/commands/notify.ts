import type { Command } from 'commander';
import { parseName } from '../arguments.ts';
import { addConnectionOptions } from '../connection-options.ts';
import { withClient } from '../with-client.ts';

/** Adds `clacks notify`. */
export const addNotifyCommand = (program: Command): void => {
  const command = program
    .command('notify')
    .description('signal an event')
    .argument('<name>', 'name of the event', parseName)
    .addHelpText('after', '\nExample:\n  clacks notify House::DoorOpened')
    .action(async (name: string, _options: object, self: Command) => {
      await withClient(self, async (client) => {
        await client.notify(name);
      });
    });
  addConnectionOptions(command);
};
