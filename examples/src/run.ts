import { ClacksError } from '@clacks/protocol';
import type { Client } from '@clacks/client';

/** Tells the user when the server is gone and when it is back, as the article's clients do. */
export const reportDisconnects = (client: Client, print: (line: string) => void): void => {
  client.on('disconnected', ({ reason }) => {
    print(`+++ Disconnected by server, reason given: ${reason}`);
  });
  client.on('reconnected', () => {
    print('+++ Connected again');
  });
};

/** Runs an example; an error that it cannot handle ends it with one line. */
export const run = async (example: () => Promise<void>): Promise<void> => {
  try {
    await example();
  } catch (error) {
    if (!(error instanceof ClacksError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
};
