import { constants } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';

/** Where to connect to, and how to know that it is the right one. */
export type DialTarget =
  | { readonly transport: 'unix'; readonly path: string }
  | {
      readonly transport: 'tls';
      readonly host: string;
      readonly port: number;
      /** Certificates, PEM, that the other's one must be signed by; the system's by default. */
      readonly ca?: string | undefined;
      /** The SHA-256 fingerprint that its certificate must have, as `AB:CD:…`. */
      readonly fingerprint?: string | undefined;
      /** Whether its certificate is checked at all. */
      readonly isVerified: boolean;
      /** The own certificate and its key, PEM, where the other one asks for it. */
      readonly cert?: string | undefined;
      readonly key?: string | undefined;
    };

const openSocket = (target: DialTarget): Socket => {
  if (target.transport === 'unix') return net.connect(target.path);
  const { host, port, ca, fingerprint, isVerified, cert, key } = target;
  const socket = tls.connect({
    host,
    port,
    // Written out, since options of Node change what it takes by itself. How strong the master's key
    // is remains its own business: a node of Net::Clacks may have an old one.
    minVersion: 'TLSv1.2',
    ciphers: constants.defaultCoreCipherList,
    // A pinned certificate is compared below, whoever signed it.
    rejectUnauthorized: isVerified && fingerprint === undefined,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // An IP address is no server name (RFC 6066).
    ...(net.isIP(host) === 0 && { servername: host }),
  });
  socket.setNoDelay(true);
  return socket;
};

const checkFingerprint = (socket: Socket, target: DialTarget): void => {
  if (target.transport !== 'tls' || target.fingerprint === undefined) return;
  if (!(socket instanceof tls.TLSSocket)) throw new TypeError('there is no TLS to check');
  const actual = socket.getPeerCertificate().fingerprint256;
  if (actual !== target.fingerprint) {
    throw new Error(`its certificate has another fingerprint: ${actual}`);
  }
};

/** Codes of Node.js and OpenSSL that are about the other's certificate. */
const aboutCertificate = /CERT|ISSUER|SIGNATURE|HOSTNAME/u;

/** What the other one says when it misses our certificate, or does not take it. */
const aboutOwnCertificate = /_ALERT_(?:.*CERTIFICATE.*|UNKNOWN_CA)$/u;

const explained = (error: NodeJS.ErrnoException, target: DialTarget): Error => {
  if (aboutOwnCertificate.test(error.code ?? '')) {
    return new Error(
      `it asks for another certificate (${error.code ?? ''}): give <cert> and <key> in <master>`,
      { cause: error },
    );
  }
  if (!aboutCertificate.test(error.code ?? '')) return error;
  const hasCa = target.transport === 'tls' && target.ca !== undefined;
  const advice = hasCa
    ? 'the <ca> in <master> is of somebody else'
    : 'give <ca> or <fingerprint> in <master>';
  return new Error(`its certificate is not trusted (${error.message}): ${advice}`, {
    cause: error,
  });
};

/**
 * Opens a connection over TLS or a unix socket.
 *
 * @param signal - Gives it up.
 * @throws Error of the system or of OpenSSL, or the signal's reason.
 */
export const dial = async (target: DialTarget, signal: AbortSignal): Promise<Socket> => {
  signal.throwIfAborted();
  const socket = openSocket(target);
  try {
    await once(socket, target.transport === 'tls' ? 'secureConnect' : 'connect', { signal });
    checkFingerprint(socket, target);
    return socket;
  } catch (error) {
    // It may report another error that nobody needs any more.
    socket.on('error', () => undefined);
    socket.destroy();
    throw signal.aborted ? signal.reason : explained(error as NodeJS.ErrnoException, target);
  }
};
