import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { defaultPort } from '@clacks/protocol';
import { expectedHost, isHost } from '../../config/checks.ts';
import { defaultHttp } from '../../config/defaults.ts';
import { parseRemotePort } from '../arguments.ts';
import { writeConnectionFile } from '../connection-file.ts';
import { refuseConnectionOptions } from '../connection-options.ts';
import { formatAddress, formatConnectionUrl } from '../connection-url.ts';
import { chosenConnectionFile } from '../directories.ts';
import { formatHttpUrl } from '../http-url.ts';
import { serverFiles, writeNewServer } from '../new-server.ts';
import { write } from '../output.ts';
import { makePrivateDirectory, refuseToOverwrite } from '../private-files.ts';

interface InitOptions {
  readonly ip?: readonly string[];
  readonly port: number;
  readonly use?: boolean;
}

const parseIps = (text: string, before: readonly string[] | undefined): string[] => {
  if (!isHost(text)) throw new InvalidArgumentError(`Expected ${expectedHost}.`);
  return [...(before ?? []), text];
};

const init = async (directory: string, options: InitOptions): Promise<void> => {
  const { ip: ips = ['127.0.0.1'], port, use = false } = options;
  const files = serverFiles(path.resolve(directory));
  const chosen = chosenConnectionFile();
  if (use) await refuseToOverwrite([chosen], 'remove it to choose another server');
  const { username, password, fingerprint } = await writeNewServer(files, { ips, port });
  // "All addresses" is none that one could connect to.
  const host = ips.find((name) => name !== '0.0.0.0' && name !== '::') ?? '127.0.0.1';
  const address = { kind: 'tcp', host, port } as const;
  if (use) {
    await makePrivateDirectory(path.dirname(chosen));
    const url = formatConnectionUrl({ address, username, password });
    const http = formatHttpUrl({ isTls: false, host: defaultHttp.ip, port: defaultHttp.port });
    await writeConnectionFile(chosen, { url, http, ca: files.certificate.certificate });
  }
  const url = formatConnectionUrl({ address, username });
  const options_ = `--url ${url} --password-file ${files.password} --ca ${files.certificate.certificate}`;
  write(
    `Made ${files.config}\n` +
      `     ${files.certificate.certificate} and ${files.certificate.key}\n` +
      `     ${files.password} (of the user ${username}; readable by you only)\n` +
      `Certificate fingerprint (SHA-256): ${fingerprint}\n\n` +
      `Start the server:\n  clacks server ${files.config}\n` +
      `Use it from another terminal, at ${formatAddress(address)}:\n` +
      `  clacks ${use ? '' : `${options_} `}keys\n`,
  );
};

/** Adds `clacks init`. */
export const addInitCommand = (program: Command): void => {
  program
    .command('init')
    .description('write a configuration, certificate and password for a new server')
    .argument('[directory]', 'where to', '.')
    .option('--ip <address>', 'address to listen on; repeatable (default: 127.0.0.1)', parseIps)
    .option('--port <port>', 'port to listen on', parseRemotePort, defaultPort)
    .option('--use', 'make it the server that the other commands use')
    .addHelpText(
      'after',
      `
Overwrites nothing.

Examples:
  clacks init
  clacks init /etc/clacks --ip 192.168.1.10 --ip ::1
  clacks init ~/clacks --use`,
    )
    .action(async (directory: string, options: InitOptions, command: Command) => {
      refuseConnectionOptions(command);
      await init(directory, options);
    });
};
