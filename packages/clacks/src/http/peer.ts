import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

/** Who sends a request, and whether nobody on the way can read it. */
export interface Peer {
  readonly address: string;
  readonly isSecure: boolean;
}

const ipAddress = z.union([z.ipv4(), z.ipv6()]);

/** What the last one on the way has added to a header: what is before it anybody may have written. */
const lastOf = (header: string | readonly string[] | undefined): string =>
  String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim() ?? '';

/**
 * Who sends a request.
 *
 * @param isProxy - Whether to take an address's word for who asks it.
 */
export const peerOf = (
  { socket, headers }: IncomingMessage,
  isProxy: (address: string) => boolean,
): Peer => {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/u, '');
  // What the request itself says of that, in an absolute URL, anybody may write.
  const isSecure = 'encrypted' in socket;
  if (!isProxy(address)) return { address, isSecure };
  const forwarded = ipAddress.safeParse(lastOf(headers['x-forwarded-for']));
  return {
    address: forwarded.success ? forwarded.data.replace(/^::ffff:/iu, '') : address,
    isSecure: isSecure || lastOf(headers['x-forwarded-proto']) === 'https',
  };
};
