import type { Command } from 'commander';
import { addConnectionOptions, connectionFlags } from '../connection-options.ts';
import { connectClient } from '../with-client.ts';

/** Adds `clacks shell`. */
export const addShellCommand = (program: Command): void => {
  const command = program
    .command('shell')
    .description('send lines of the protocol as you type them, and show what comes back')
    .addHelpText(
      'after',
      `
'help' lists the verbs, Tab completes them and the names in the cache; 'exit' or Ctrl-D ends it. With
standard input not a terminal it sends all lines, waits until the server has handled them, prints what
came back, and ends.

Examples:
  clacks shell
  printf 'STORE a=1\\nRETRIEVE a\\n' | clacks shell`,
    )
    .action(async (_options: object, self: Command) => {
      const { Shell } = await import('../shell.ts');
      const { client } = await connectClient(self, { flags: connectionFlags(self) });
      const shell = new Shell(client);
      try {
        if (process.stdin.isTTY) await (await import('../shell-terminal.ts')).runOnTerminal(shell);
        else await shell.runLines(process.stdin);
        await client.close();
      } finally {
        client.destroy();
      }
    });
  addConnectionOptions(command);
};
