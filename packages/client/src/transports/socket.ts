import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { ClacksClientError } from '../errors.ts';
import { describeEndpoint } from '../options.ts';
import type { Settings, TlsOptions } from '../options.ts';
import { attempt } from './attempt.ts';
import type { Transport, TransportEvents } from './transport.ts';

/** Codes of Node.js and OpenSSL that say that the server's certificate is not to be trusted. */
const certificateErrors = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes of OpenSSL for bytes that are no TLS. */
const notTls = new Set([
  'EPROTO',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_UNKNOWN_PROTOCOL',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Codes of a server that wants a certificate of ours, or does not take the one that it gets. */
const refusedCertificate = /_ALERT_(?:.*CERTIFICATE.*|UNKNOWN_CA|HANDSHAKE_FAILURE)$/u;

const plainFingerprint = (fingerprint: string): string =>
  fingerprint.replaceAll(':', '').toUpperCase();

const describeError = (error: NodeJS.ErrnoException): string => error.message || (error.code ?? '');

/** Says in our words why no connection came about. */
const dialError = (settings: Settings, error: NodeJS.ErrnoException): ClacksClientError => {
  const where = describeEndpoint(settings);
  const code = error.code ?? '';
  if (certificateErrors.has(code)) {
    return new ClacksClientError(
      'CLACKS_ERR_CERTIFICATE',
      `The certificate of ${where} is not trusted (${error.message}); ` +
        'give its authority as tls.ca, or its fingerprint as tls.fingerprint.',
      { cause: error },
    );
  }
  if (refusedCertificate.test(code)) {
    return new ClacksClientError(
      'CLACKS_ERR_CERTIFICATE',
      `${where} wants another certificate of this client (${code}): give tls.cert and tls.key.`,
      { cause: error },
    );
  }
  if (notTls.has(code)) {
    return new ClacksClientError(
      'CLACKS_ERR_NOT_CLACKS',
      `${where} is not a clacks server: it does not speak TLS (${code}).`,
      { cause: error },
    );
  }
  return new ClacksClientError(
    'CLACKS_ERR_UNREACHABLE',
    `Cannot connect to ${where}: ${describeError(error)}.`,
    { cause: error },
  );
};

const tlsConnectOptions = (host: string, port: number, options: TlsOptions) => {
  const { ca, fingerprint, insecure = false, servername, cert, key } = options;
  return {
    host,
    port,
    minVersion: 'TLSv1.2' as const,
    // A pinned certificate is compared below, whoever signed it.
    rejectUnauthorized: !insecure && fingerprint === undefined,
    ...(ca !== undefined && { ca: ca as string | Buffer | (string | Buffer)[] }),
    ...(servername !== undefined
      ? { servername }
      : // An IP address is no server name (RFC 6066).
        net.isIP(host) === 0 && { servername: host }),
    ...(cert !== undefined && { cert: Buffer.from(cert as string) }),
    ...(key !== undefined && { key: Buffer.from(key as string) }),
  };
};

const checkFingerprint = (socket: tls.TLSSocket, settings: Settings): void => {
  if (settings.endpoint.kind !== 'tls') return;
  const { fingerprint } = settings.endpoint.tls;
  if (fingerprint === undefined) return;
  const actual = socket.getPeerCertificate().fingerprint256;
  if (plainFingerprint(actual) === plainFingerprint(fingerprint)) return;
  throw new ClacksClientError(
    'CLACKS_ERR_CERTIFICATE',
    `The certificate of ${describeEndpoint(settings)} has the fingerprint ${actual}, ` +
      'which is not the one in tls.fingerprint.',
  );
};

/** @throws ClacksClientError with `CLACKS_ERR_CERTIFICATE` if TLS cannot be set up. */
const openSocket = (settings: Settings): net.Socket => {
  const { endpoint } = settings;
  if (endpoint.kind === 'websocket') throw new TypeError('A url is for a WebSocket.');
  if (endpoint.kind === 'unix') return net.connect(endpoint.path);
  try {
    // OpenSSL takes a text without a certificate for none at all.
    for (const ca of [endpoint.tls.ca ?? []].flat()) new X509Certificate(ca);
    const socket = tls.connect(tlsConnectOptions(endpoint.host, endpoint.port, endpoint.tls));
    socket.setNoDelay(true);
    return socket;
  } catch (error) {
    throw new ClacksClientError(
      'CLACKS_ERR_CERTIFICATE',
      `TLS cannot be set up with tls.ca, tls.cert and tls.key as given: ${(error as Error).message}.`,
      { cause: error },
    );
  }
};

const socketTransport = (
  settings: Settings,
  socket: net.Socket,
  events: TransportEvents,
): Transport => {
  let failure: Error | undefined;
  let inFlight = 0;
  socket.on('data', (chunk: Buffer) => {
    events.received(chunk.toString('latin1'));
  });
  // Otherwise a server that neither reads nor writes any more would hold us until it reads again.
  socket.on('end', () => {
    socket.destroy();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // With TLS 1.3 it comes only now that the server refuses our certificate.
    const isRefusal = refusedCertificate.test(error.code ?? '');
    failure = isRefusal ? dialError(settings, error) : error;
  });
  socket.on('close', () => {
    events.closed(failure);
  });
  return {
    get bufferedBytes() {
      return socket.writableLength;
    },
    write: (wire, taken) => {
      inFlight++;
      socket.write(wire, 'latin1', (error) => {
        inFlight--;
        // A destroyed socket calls back without an error for what it has not sent.
        if ((error !== undefined && error !== null) || socket.destroyed) return;
        taken();
        if (inFlight === 0) events.drained();
      });
    },
    end: () => {
      socket.end();
    },
    destroy: () => {
      socket.destroy();
    },
    pause: () => {
      socket.pause();
    },
    resume: () => {
      socket.resume();
    },
  };
};

/**
 * Connects over TLS or a unix socket (protocol 1).
 *
 * @param signal - Gives up with its reason when it is aborted.
 * @throws ClacksClientError with `CLACKS_ERR_CERTIFICATE`, `CLACKS_ERR_NOT_CLACKS` or
 * `CLACKS_ERR_UNREACHABLE`.
 */
export const dialSocket = (
  settings: Settings,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> =>
  attempt(signal, ({ succeed, fail }) => {
    const socket = openSocket(settings);
    const onError = (error: Error): void => {
      fail(dialError(settings, error));
    };
    const onClose = (): void => {
      fail(dialError(settings, new Error('the server closed the connection')));
    };
    const release = (): void => {
      socket.removeListener('error', onError);
      socket.removeListener('close', onClose);
    };
    socket.on('error', onError);
    socket.on('close', onClose);
    socket.once(settings.endpoint.kind === 'tls' ? 'secureConnect' : 'connect', () => {
      try {
        if (socket instanceof tls.TLSSocket) checkFingerprint(socket, settings);
      } catch (error) {
        fail(error as Error);
        return;
      }
      // In this turn: an error or end that follows at once must find somebody who listens.
      release();
      succeed(socketTransport(settings, socket, events));
    });
    return () => {
      release();
      // A destroyed socket may still report an error that nobody needs any more.
      socket.on('error', () => undefined);
      socket.destroy();
    };
  });
