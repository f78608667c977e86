import type { Command } from 'commander';
import type { Client, Signal } from '@clacks/client';
import { parseCount, parseNames, parseSecondsAsMs } from '../arguments.ts';
import { addServerOptions, connectionFlags } from '../connection-options.ts';
import type { ConnectionFlags } from '../connection-options.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { Waiting } from '../interrupt.ts';
import { printJson, printNote, shown, styled, write } from '../output.ts';
import { bytesOf, valueAsJson, valueAsOutput } from '../values.ts';
import { withClient } from '../with-client.ts';

interface ListenOptions {
  readonly count?: number;
  /** In ms. */
  readonly timeout?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const printSignal = (signal: Signal, json: boolean): void => {
  if (json) {
    const { type, name } = signal;
    printJson({ type, name, ...(signal.type === 'set' && valueAsJson(bytesOf(signal))) });
    return;
  }
  const name = styled('cyan', shown(signal.name));
  if (signal.type === 'notify') {
    write(`${name}\n`);
    return;
  }
  write(`${name}=`);
  write(valueAsOutput(bytesOf(signal), ''));
  write('\n');
};

/** Tells on standard error what becomes of the connection. */
export const noteConnection = (client: Client, waiting: Waiting): void => {
  client.on('disconnected', ({ reason }) => {
    printNote(`disconnected (${reason}); connecting again`);
  });
  client.on('reconnected', ({ downMs }) => {
    printNote(`connected again; what came in the ${Math.ceil(downMs / 1000)} s between is lost`);
  });
  client.on('closed', ({ error }) => {
    if (error !== undefined) waiting.fail(error);
  });
  client.on('serverError', (text) => {
    waiting.fail(new CommandError(`The server reports: ${text}`));
  });
};

const endAfter = (timeoutMs: number, count: number | undefined, waiting: Waiting): void => {
  const timer = setTimeout(() => {
    if (count === undefined) waiting.end(exitCode.ok);
    else waiting.fail(new CommandError(`Not ${count} signals within ${timeoutMs / 1000} s.`));
  }, timeoutMs);
  void waiting.over
    .finally(() => {
      clearTimeout(timer);
    })
    .catch(() => undefined);
};

const listen = async (
  client: Client,
  names: readonly string[],
  options: ListenOptions,
): Promise<void> => {
  const { count, timeout, json = false, quiet = false } = options;
  const waiting = new Waiting();
  let left = count ?? Infinity;
  client.on('signal', (signal) => {
    if (left === 0) return;
    left--;
    printSignal(signal, json);
    if (left === 0) waiting.end(exitCode.ok);
  });
  noteConnection(client, waiting);
  for (const name of names) client.listen(name);
  await client.flush();
  if (!quiet && !waiting.isOver) printNote(`listening to ${names.join(' ')}`);
  if (timeout !== undefined) endAfter(timeout, count, waiting);
  process.exitCode = await waiting.over;
};

const help = `
In a pattern, * stands for one level of a name, and ** at the end for one or more: quote it, or the
shell takes it for files. It goes on until Ctrl-C (exit code 130), and connects again when the
connection is lost. --timeout before 'listen' is for the connection.

Examples:
  clacks listen House::Clock Kitchen::Temperature
  clacks listen 'Kitchen::**'
  clacks listen --json '*::Temperature'
  clacks listen --count 1 --timeout 10 House::DoorOpened`;

/** Adds `clacks listen`. */
export const addListenCommand = (program: Command): void => {
  const command = program
    .command('listen')
    .description('print what is signalled: name=value, or name for an event')
    .argument('<name...>', 'names or patterns', parseNames)
    .option('-n, --count <number>', 'end after so many signals', parseCount)
    .option('--timeout <seconds>', 'end after so long; with --count as a failure', parseSecondsAsMs)
    .option('--json', 'print a line of JSON for each')
    .option('-q, --quiet', 'do not tell on standard error when it is listening')
    .addHelpText('after', help)
    .action(async (names: readonly string[], options: ListenOptions, self: Command) => {
      // The one after 'listen' is for the signals.
      const { timeout } = self.parent?.opts<ConnectionFlags>() ?? {};
      const flags = { ...connectionFlags(self), timeout };
      await withClient(self, (client) => listen(client, names, options), {
        flags,
        reconnect: true,
      });
    });
  addServerOptions(command);
};
