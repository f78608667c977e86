import type { Link } from './link.ts';
import type { RequestOptions, Requester } from './requester.ts';

/**
 * Resolves when the server has handled everything that was written before, on whatever connection.
 *
 * @throws ClacksClientError with `CLACKS_ERR_CONNECTION_LOST` among others.
 */
export const flushConfirmed = async (
  link: Link,
  requester: Requester,
  options: RequestOptions | undefined,
): Promise<void> => {
  const doubt = link.takeDoubt();
  if (doubt !== undefined) throw doubt;
  const { connection } = link;
  const lines = connection?.writtenLines ?? 0;
  try {
    await requester.flush(options);
  } catch (error) {
    // If the connection was lost, this error tells so.
    link.takeDoubt();
    throw error;
  }
  connection?.confirm(lines);
};
