import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Child } from '../../test/support/child.ts';
import { RawClient } from '../../test/support/raw-client.ts';
import { TestServer } from '../../test/support/test-server.ts';

const built = (name: string): string => path.join(import.meta.dirname, '..', 'dist', `${name}.js`);

let server: TestServer;
let children: Child[];

beforeEach(async () => {
  server = await TestServer.start({
    // The user of the article.
    xml: `<user><username>exampleuser</username><password>unsafepassword</password>
      <read>1</read><write>1</write></user>`,
  });
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  await server[Symbol.asyncDispose]();
});

const start = (name: string, ...more: string[]): Child => {
  const ca = path.join(server.directory, 'server.crt');
  const child = new Child(built(name), ['--port', String(server.port), '--ca', ca, ...more]);
  children.push(child);
  return child;
};

/** Somebody who sees what the clients send. */
const watch = async (): Promise<RawClient> => {
  const watcher = await RawClient.login(server);
  watcher.send('MONITOR');
  await watcher.fence();
  return watcher;
};

/** Waits until that many clients listen to the chat and the clock. */
const listening = async (watcher: RawClient, clients: number): Promise<void> => {
  let count = 0;
  await watcher.waitFor((line) => {
    if (line.endsWith('=LISTEN example::notify')) count++;
    return count === clients;
  });
};

describe("the article's chat, as three processes over TLS", () => {
  it('goes as in the article', async () => {
    const watcher = await watch();
    const [, alice, bob] = [start('chatbot'), start('chatclient'), start('chatclient')];
    await listening(watcher, 3);

    alice.type('hello');
    await bob.waitFor(/^>>> hello$/mu);
    bob.type('');
    bob.type('Simon is here');
    await bob.waitFor(/^>>> RoboSimon says: Simon is here$/mu);
    await alice.waitFor(/^>>> Simon is here\n>>> RoboSimon says: Simon is here$/mu);
    expect(bob.output).not.toContain('>>> Simon is here');

    // Two messages of people and one of the bot. Its own summary does not count.
    const clock = start('clock', '--minute-ms', '3600000');
    await alice.waitFor(/^\*\*\* Another minute has passed \*\*\*$/mu);
    await alice.waitFor(/^>>> 3 new chat messages during the last minute$/mu);
    await watcher.waitFor((line) => line.endsWith('=DECREMENT chatbot::linecount=3'));
    await clock.kill();

    alice.type('one more');
    await bob.waitFor(/^>>> one more$/mu);
    start('clock', '--minute-ms', '3600000');
    await bob.waitFor(/^>>> 1 new chat messages during the last minute$/mu);

    alice.type('quit');
    expect(await alice.exit()).toBe(0);
    bob.type('EXIT');
    expect(await bob.exit()).toBe(0);
  });

  it('hears the clock at the beginning of every minute', async () => {
    const watcher = await watch();
    const listener = start('chatclient');
    await listening(watcher, 1);
    start('clock', '--minute-ms', '100');
    await listener.waitFor(/(?:\*\*\* Another minute has passed \*\*\*\n){3}/u);
  });

  it('starts with a summary of nothing when the counter has never been', async () => {
    const watcher = await watch();
    start('chatbot');
    const listener = start('chatclient');
    await listening(watcher, 2);
    start('clock', '--minute-ms', '3600000');
    await listener.waitFor(/^>>> 0 new chat messages during the last minute$/mu);
    await watcher.waitFor((line) => line.endsWith('=DECREMENT chatbot::linecount=0'));
    watcher.send('RETRIEVE chatbot::linecount');
    expect(await watcher.fence()).toContain('RETRIEVED chatbot::linecount=0');
  });

  it('says so when the server goes, and when it is back', async () => {
    const watcher = await watch();
    const client = start('chatclient');
    await listening(watcher, 1);
    await server.restart();
    await client.waitFor(/^\+\+\+ Disconnected by server, reason given: QUIT$/mu);
    await client.waitFor(/^\+\+\+ Connected again$/mu);
  });

  it('ends with one line when there is no server', async () => {
    await server.server.stop();
    const client = start('chatclient');
    expect(await client.exit()).toBe(1);
    expect(client.output).toMatch(/^Cannot connect to 127\.0\.0\.1:\d+: .*\n$/u);
  });
});
