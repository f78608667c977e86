// The article's chat bot: the most brain-dead one we can think of. It repeats messages that
// contain "simon", and counts all messages in the cache.
import { pathToFileURL } from 'node:url';
import { connect } from '@clacks/client';
import type { Client } from '@clacks/client';
import { readArguments } from './arguments.ts';
import type { ExampleArguments } from './arguments.ts';
import { chatName, clockName, countName } from './names.ts';
import { reportDisconnects, run } from './run.ts';

const answer = (client: Client, text: string): void => {
  void client.increment(countName);
  if (!/simon/iu.test(text)) return;
  void client.set(chatName, `RoboSimon says: ${text}`);
  void client.increment(countName);
};

/** Every minute, says how many messages there were, and takes as many off the counter. */
const sumUp = async (client: Client): Promise<void> => {
  let count = await client.retrieve(countName);
  if (count === undefined) {
    count = '0';
    void client.store(countName, '0');
  }
  void client.set(chatName, `${count} new chat messages during the last minute`);
  // Setting it to 0 would lose what others have added since it was read.
  void client.decrement(countName, Number(count));
};

/** Starts the bot. */
export const startChatbot = async ({ connection }: ExampleArguments): Promise<AsyncDisposable> => {
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const client = await connect({ ...connection, name: 'chatbot' });
  reportDisconnects(client, print);
  client.listen(chatName, (signal) => {
    if (signal.type === 'set') answer(client, signal.value);
  });
  client.listen(clockName, () => {
    sumUp(client).catch((error: unknown) => {
      print(`+++ Could not count: ${(error as Error).message}`);
    });
  });
  await client.flush();
  return client;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run(async () => {
    await startChatbot(readArguments('chatbot'));
    process.stdout.write('The bot listens.\n');
  });
}
