import { ClacksError } from '@clacks/protocol';
import { formatAddress } from './connection-url.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { CommandError } from './exit-code.ts';

/** What a server answers to a command without the permission it needs (protocol 4). */
const denial = 'permission_denied';

const causeOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : '');

const explanation = (error: ClacksError, { address, source }: ConnectionSettings): string => {
  const where = formatAddress(address);
  const origin = source === undefined ? '' : ` (from ${source})`;
  switch (error.code) {
    case 'CLACKS_ERR_UNREACHABLE': {
      const mend =
        source === undefined ? 'check the address' : "is it running? Start it with 'clacks server'";
      return `No server at ${where}${origin}: ${causeOf(error)}; ${mend}.`;
    }
    case 'CLACKS_ERR_CERTIFICATE': {
      const why = causeOf(error) || 'it has another fingerprint';
      return `The certificate of ${where} is not the expected one (${why}); name the right one with --ca or --fingerprint${origin}.`;
    }
    case 'CLACKS_ERR_LOGIN_FAILED':
      return `${error.message.replace(/\.$/u, '')}${origin}.`;
    default:
      return error.message;
  }
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
  { username, address }: ConnectionSettings,
  command: string,
): ClacksError => {
  const where = formatAddress(address);
  const [first] = reported;
  // Of a request the client itself knows that it was denied.
  const isDenied = error.code === 'CLACKS_ERR_DENIED' && error.message.includes(denial);
  if (isDenied || first === denial) {
    const message = `${denial}: ${username} may not use '${command}' at ${where}.`;
    return new CommandError(message, { cause: error });
  }
  return first === undefined
    ? error
    : new CommandError(`The server at ${where} reports: ${first}`, { cause: error });
};
