import { ClacksError } from '@clacks/protocol';
import { formatAddress } from './connection-url.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { CommandError } from './exit-code.ts';

/** What a server answers to a command without the permission it needs (protocol 4). */
export const denial = 'permission_denied';

/** Of errors of OpenSSL, the words alone: their message has places in its source, and a line break. */
const messageOf = (error: Error): string =>
  'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;

const causeOf = (error: Error): string =>
  error.cause instanceof Error ? messageOf(error.cause) : '';

const certificateExplanation = (where: string, why: string, origin: string): string =>
  `The certificate of ${where} is not the expected one (${why}); name the right one with --ca or --fingerprint${origin}.`;

/** What the server says about our own certificate, as OpenSSL calls it. */
export const aboutOwnCertificate = /alert (?:certificate|bad certificate|unknown ca)/u;

const ownCertificateExplanation = (
  { address, identity }: ConnectionSettings,
  origin: string,
): string => {
  const where = formatAddress(address);
  return identity === undefined
    ? `The server at ${where} asks for a certificate: give --cert and --key${origin}.`
    : `The server at ${where} does not take the certificate ${identity.cert}${origin}.`;
};

const unreachableExplanation = (
  { address, source }: ConnectionSettings,
  why: string,
  origin: string,
): string => {
  const mend =
    source === undefined ? 'check the address' : "is it running? Start it with 'clacks server'";
  return `No server at ${formatAddress(address)}${origin}: ${why}; ${mend}.`;
};

const originOf = ({ source }: ConnectionSettings): string =>
  source === undefined ? '' : ` (from ${source})`;

const explanation = (error: ClacksError, settings: ConnectionSettings): string => {
  const origin = originOf(settings);
  switch (error.code) {
    case 'CLACKS_ERR_UNREACHABLE':
      return unreachableExplanation(settings, causeOf(error), origin);
    case 'CLACKS_ERR_CERTIFICATE': {
      const why = causeOf(error) || 'it has another fingerprint';
      if (aboutOwnCertificate.test(why)) return ownCertificateExplanation(settings, origin);
      return certificateExplanation(formatAddress(settings.address), why, origin);
    }
    case 'CLACKS_ERR_LOGIN_FAILED':
      return `${error.message.replace(/\.$/u, '')}${origin}.`;
    default:
      return error.message;
  }
};

/** What a server answers to a verb that it does not know. */
const unknownCommand = 'unknown_command ';

/** Says why there is no connection that was dialed without the client library. */
export const explainDialError = (error: Error, settings: ConnectionSettings): CommandError => {
  const origin = originOf(settings);
  const isAboutCertificate = error.message.startsWith('its certificate');
  // Of several addresses that were tried only the attempts say what was wrong.
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  // What it is said with beside that names keys of a configuration.
  const isExplained = isAboutCertificate || error.message.startsWith('it asks for another');
  const why = (isExplained && causeOf(error)) || messageOf(first ?? error);
  const message = isAboutCertificate
    ? certificateExplanation(formatAddress(settings.address), why, origin)
    : unreachableExplanation(settings, why, origin);
  return new CommandError(message, { cause: error });
};

/** Says that a user may not do what the command wants. */
export const denied = (
  { username, address }: ConnectionSettings,
  command: string,
  cause?: unknown,
): CommandError => {
  const message = `${denial}: ${username} may not use '${command}' at ${formatAddress(address)}.`;
  return new CommandError(message, { cause });
};

/** Says why there is no connection, in the words of the command line. */
export const explainConnectError = (error: unknown, settings: ConnectionSettings): unknown =>
  error instanceof ClacksError
    ? new CommandError(explanation(error, settings), { cause: error })
    : error;

/**
 * Says why a command failed while it was connected.
 *
 * @param reported - What the server itself said, with OVERHEAD E.
 */
export const explainServerErrors = (
  error: ClacksError,
  reported: readonly string[],
  settings: ConnectionSettings,
  command: string,
): ClacksError => {
  const where = formatAddress(settings.address);
  const [first] = reported;
  // Of a request the client itself knows that it was denied.
  const isDenied = error.code === 'CLACKS_ERR_DENIED' && error.message.includes(denial);
  if (isDenied || first === denial) return denied(settings, command, error);
  if (first?.startsWith(unknownCommand) === true) {
    const message = `The server at ${where} cannot do that: it knows no '${command}'.`;
    return new CommandError(message, { cause: error });
  }
  return first === undefined
    ? error
    : new CommandError(`The server at ${where} reports: ${first}`, { cause: error });
};
