import type { IncomingMessage } from 'node:http';

const hostnameOf = (url: string): string | undefined =>
  URL.canParse(url) ? new URL(url).hostname : undefined;

/**
 * Whether a page may open a WebSocket. Browsers say where a page came from; who says nothing is no
 * browser, and could say anything.
 *
 * @param origins - Where pages may come from; without any, from the host that is asked, whatever its
 * port.
 */
export const isOriginAllowed = (
  { headers: { origin, host } }: IncomingMessage,
  origins: readonly string[],
): boolean => {
  if (origin === undefined) return true;
  if (origins.length > 0) return origins.includes(origin);
  const from = hostnameOf(origin);
  return from !== undefined && from !== '' && from === hostnameOf(`http://${host ?? ''}`);
};
