import { base64FromWire, textFromWire, wireFromBase64, wireFromText } from './bytes.ts';

/** What a login token carries. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Encodes credentials as the text of `OVERHEAD A` (protocol 3). */
export const encodeToken = ({ username, password }: Credentials): string =>
  `${base64FromWire(wireFromText(username))}:${base64FromWire(wireFromText(password))}`;

/** Decodes a login token, or returns `undefined` if it is none. */
export const decodeToken = (token: string): Credentials | undefined => {
  const colon = token.indexOf(':');
  if (colon === -1) return undefined;
  const username = wireFromBase64(token.slice(0, colon));
  const password = wireFromBase64(token.slice(colon + 1));
  if (username === undefined || password === undefined) return undefined;
  return { username: textFromWire(username), password: textFromWire(password) };
};
