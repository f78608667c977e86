import type { Command } from 'commander';
import { parseRemotePort, parseSecondsAsMs } from './arguments.ts';
import { UsageError } from './exit-code.ts';

/** The connection as far as the command line names it. */
export interface ConnectionFlags {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly insecure?: boolean;
  readonly cert?: string;
  readonly key?: string;
  /** In ms. */
  readonly timeout?: number | undefined;
  /** Where its admin HTTP is; only of commands that use that. */
  readonly http?: string;
}

const heading = 'Connection (default: CLACKS_URL, or the server that runs here):';

/** Adds the options that say which server, except the time limit. */
export const addServerOptions = (command: Command): Command =>
  command
    .optionsGroup(heading)
    .option('--url <url>', 'server, as clacks://USER@HOST:PORT or clacks+unix://USER@/PATH')
    .option('--host <host>', 'host name or IP address')
    .option('--port <port>', 'TCP port', parseRemotePort)
    .option('--socket <path>', 'unix socket, in place of host and port')
    .option('--user <name>', 'user name')
    .option('--password-file <file>', 'file with the password in its first line')
    .option('--ca <file>', "certificate that the server's one must be, or be signed by (PEM)")
    .option('--fingerprint <sha256>', "SHA-256 fingerprint that the server's certificate must have")
    .option('--insecure', 'take any certificate: whoever is on the way can read along')
    .option('--cert <file>', 'own certificate (PEM), for a server that asks for one')
    .option('--key <file>', 'its private key (PEM)');

/** Adds the options that say which server, and how long to wait for it. */
export const addConnectionOptions = (command: Command): Command =>
  addServerOptions(command).option(
    '--timeout <seconds>',
    'how long to wait for the connection (default: 15) and for each answer (30)',
    parseSecondsAsMs,
  );

const flagOf = (name: string): string =>
  name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);

/** The options that stand before a command. */
const optionsBefore = ({ parent }: Command): object =>
  parent === null ? {} : { ...optionsBefore(parent), ...parent.opts() };

/** The connection options of a command: those after its name, and those before it. */
export const connectionFlags = (command: Command): ConnectionFlags => ({
  ...optionsBefore(command),
  ...command.opts<ConnectionFlags>(),
});

/**
 * Refuses connection options before a command that connects to nothing.
 *
 * @throws UsageError
 */
export const refuseConnectionOptions = (command: Command): void => {
  const given = Object.keys(optionsBefore(command));
  const name = given.find((key) => key !== 'debug');
  if (name === undefined) return;
  throw new UsageError(
    `--${flagOf(name)} before '${command.name()}' has no meaning: this command connects to no server.`,
  );
};

/** All of them, since a command that works on a file knows others, too. */
const connectionKeys = {
  url: true,
  host: true,
  port: true,
  socket: true,
  user: true,
  passwordFile: true,
  ca: true,
  fingerprint: true,
  insecure: true,
  cert: true,
  key: true,
  timeout: true,
} as const satisfies Record<Exclude<keyof ConnectionFlags, 'http'>, true>;

/**
 * Refuses connection options of a command that works on a file instead of a server.
 *
 * @throws UsageError
 */
export const refuseBesideStore = (command: Command): void => {
  const name = Object.keys(connectionFlags(command)).find((key) => key in connectionKeys);
  if (name === undefined) return;
  throw new UsageError(`--${flagOf(name)} has no meaning with --store: that needs no server.`);
};
