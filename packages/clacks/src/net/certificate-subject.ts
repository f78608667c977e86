import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * The subject of a certificate as in RFC 4514, but in the order of the certificate: `O=House,CN=a`.
 * Parts that the certificate has side by side are joined with `+`. In values, what would have a
 * meaning is escaped, so that two different subjects never look the same.
 *
 * @returns `undefined` if it has none, or one that is malformed.
 */
export const subjectOf = ({ subject }: X509Certificate): string | undefined => {
  // Node escapes values as RFC 2253 says and control characters too, so that a line end, or a plus
  // sign between blanks, stands between parts and is never of a value.
  const text = (subject as string | undefined)?.replaceAll('\n', ',').replaceAll(' + ', '+');
  return text === '' ? undefined : text;
};

/** The subject of a client's certificate, if it showed one and that is signed by whom we trust. */
export const certificateSubjectOf = (socket: Socket): string | undefined => {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // Without one: Node takes a session that is resumed for authorised, whatever came before.
  const certificate = socket.getPeerX509Certificate();
  return certificate && subjectOf(certificate);
};
