import type { Command } from 'commander';
import { addConnectionOptions, connectionFlags } from '../connection-options.ts';
import { connectionSettings } from '../connection-settings.ts';
import type { TopOptions } from '../top/run.ts';

/** Adds `clacks top`. */
export const addTopCommand = (program: Command): void => {
  const command = program
    .command('top')
    .description('show what the server does: rates, connections, names, links')
    .option('--once', 'print it once, as of one second (default where there is no terminal)')
    .option('--json', 'print it once, as JSON: {"overview","connections","names","nodes"}')
    .option('--http <url>', "the server's admin HTTP, such as http://127.0.0.1:49880")
    .addHelpText(
      'after',
      `
'h' helps with the keys: another view, sort, filter, close a connection, pause. It asks the admin HTTP of
the server (docs/admin-http.md), which CLACKS_HTTP or the connection file name as well. The permission
'read' or 'manage' is needed: connections and names are for who has both.

Examples:
  clacks top
  clacks top --http https://clacks.example.org:49880 --user admin --ca clacks.crt
  clacks top --json`,
    )
    .action(async (options: TopOptions, self: Command) => {
      const flags = connectionFlags(self);
      const settings = await connectionSettings(flags, true);
      const { runTop } = await import('../top/run.ts');
      process.exitCode = await runTop(settings, { ...options, timeoutMs: flags.timeout });
    });
  addConnectionOptions(command);
};
