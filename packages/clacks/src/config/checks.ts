import { isPasswordHash, parsePasswordHash } from '../auth/scrypt.ts';

/** Quotes what somebody wrote, shortened, for a message. Not for passwords. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

const hostPattern = /^[\w.:%-]+$/u;
const ipv4Like = /^[\d.]+$/u;
const ipv4Pattern = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/u;

/** Whether a text can be an IP address or a host name. */
export const isHost = (text: string): boolean =>
  ipv4Like.test(text) ? ipv4Pattern.test(text) : hostPattern.test(text);

/** What {@link isHost} accepts, for messages. */
export const expectedHost = 'an IP address or a host name';

/** Whether a host is this machine itself, reached on the inside. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1'].includes(host) || (host.startsWith('127.') && ipv4Pattern.test(host));

const fingerprintPattern = /^(?:[\dA-F]{2}:?){31}[\dA-F]{2}$/iu;

/**
 * Brings a SHA-256 fingerprint into the form `AB:CD:…`.
 *
 * @returns `undefined` if it is none.
 */
export const normalFingerprint = (text: string): string | undefined => {
  if (!fingerprintPattern.test(text)) return undefined;
  return (text.replaceAll(':', '').toUpperCase().match(/../gu) ?? []).join(':');
};

/** What {@link normalFingerprint} accepts, for messages. */
export const expectedFingerprint = 'a SHA-256 fingerprint: 32 hexadecimal bytes';

/** Whether a password is in clear, or a hash that can be checked. */
export const isUsablePassword = (password: string): boolean =>
  !isPasswordHash(password) || parsePasswordHash(password) !== undefined;

/** What {@link isUsablePassword} accepts, for messages. */
export const expectedPassword =
  'a password, or a hash of the form scrypt:N:r:p:salt:hash within the limits';

const subjectValue = String.raw`(?:[^,+"\\<>;\0\n]|\\[,+"\\<>;#= ]|\\[\dA-F]{2})*`;
const subjectPart = String.raw`[A-Za-z\d.-]+=${subjectValue}`;
const subjectPattern = new RegExp(`^${subjectPart}(?:[,+]${subjectPart})*$`, 'u');

/**
 * Brings the subject of a certificate into the form that a server compares: without blanks behind
 * the commas between its parts.
 *
 * @returns `undefined` if it is none.
 */
export const normalSubject = (text: string): string | undefined => {
  // A comma of a value has a backslash before it.
  const subject = text.replaceAll(/(?<!\\)([,+]) +/gu, '$1');
  return subjectPattern.test(subject) ? subject : undefined;
};

/** What {@link normalSubject} accepts, for messages. */
export const expectedSubject =
  'the subject of a certificate, in its order, such as CN=sensor,O=House';

/**
 * The origin of a page as browsers send it, such as `https://house.example:8443`.
 *
 * @returns `undefined` if it is none.
 */
export const normalOrigin = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/u.test(url.protocol)) return undefined;
  return url.href === `${url.origin}/` ? url.origin : undefined;
};

/** What {@link normalOrigin} accepts, for messages. */
export const expectedOrigin = 'the origin of a page, such as https://house.example:8443';
