import type * as clacks from '@clacks/client';
import type { Client } from '@clacks/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../support/test-server.ts';
import { hasBrowser, TestBrowser } from './browser.ts';
import type { TestPage } from './browser.ts';
import { PageServer } from './page-server.ts';
import { ServerProcess } from './server-process.ts';

/** What the page of these tests has as globals. */
interface PageGlobals {
  readonly clacks: typeof clacks;
  client: Client;
  /** Everything that happened, a line each. */
  readonly log: string[];
}

const program = `
  import * as clacks from '@clacks/client';
  Object.assign(globalThis, { clacks, log: [] });
`;

/** Waits until that has happened in the page. */
const happened = (testPage: TestPage, line: string) =>
  testPage.page.waitForFunction(
    (wanted) => (globalThis as unknown as PageGlobals).log.includes(wanted),
    line,
  );

/** Connects in the page, listens to `x` and watches `w`. */
const begin = async (testPage: TestPage, url: string): Promise<void> => {
  await testPage.page.waitForFunction(() => 'clacks' in globalThis);
  await testPage.page.evaluate(async (target) => {
    const globals = globalThis as unknown as PageGlobals;
    const client = await globals.clacks.connect({
      url: target,
      username: 'admin',
      password: 'adminpass',
      name: 'page',
      requestTimeoutMs: 300,
      reconnect: { initialDelayMs: 10, maxDelayMs: 100 },
    });
    globals.client = client;
    const { log } = globals;
    client.on('disconnected', ({ reason }) => log.push(`disconnected: ${reason}`));
    client.on('reconnected', () => log.push('reconnected'));
    client.listen('x', (signal) => {
      log.push(`x: ${signal.type === 'set' ? signal.value : signal.type}`);
    });
    client.watch('w', ({ value, source, mayHaveMissed }) => {
      log.push(`w: ${value ?? '–'} (${source}${mayHaveMissed ? ', may have missed some' : ''})`);
    });
    await client.flush();
  }, url);
};

describe.skipIf(!hasBrowser)('the client in a page', () => {
  let browser: TestBrowser;
  let pages: PageServer;

  beforeAll(async () => {
    [browser, pages] = await Promise.all([TestBrowser.start(), PageServer.start(program)]);
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await pages[Symbol.asyncDispose]();
  });

  it('listens, watches, sends and asks', async () => {
    await using server = await ServerProcess.start();
    const program = await server.login();
    program.send('STORE w=stored', 'LISTEN y');
    await program.fence();
    const testPage = await browser.open(pages.url);
    await begin(testPage, server.webSocketUrl);
    await happened(testPage, 'w: stored (stored)');
    program.send('SET x=gr\xc3\xbcn', 'SETANDSTORE w=2');
    await happened(testPage, 'x: grün');
    await happened(testPage, 'w: 2 (signal)');
    const value = await testPage.page.evaluate(async () => {
      const { client } = globalThis as unknown as PageGlobals;
      await client.set('y', 'from the page');
      await client.store('long', 'x'.repeat(1_000_000));
      await client.flush();
      return (await client.retrieve('long'))?.length;
    });
    expect(value).toBe(1_000_000);
    expect(await program.fence()).toEqual(['SET y=from the page']);
    expect(testPage.errors).toEqual([]);
    program.destroy();
  });

  it('goes on when its server was killed and is there again', async () => {
    await using server = await ServerProcess.start();
    const testPage = await browser.open(pages.url);
    await begin(testPage, server.webSocketUrl);
    await server.kill();
    await happened(testPage, 'disconnected: the WebSocket was closed with code 1006');
    await server.restart();
    await happened(testPage, 'reconnected');
    await happened(testPage, 'w: – (stored, may have missed some)');
    const program = await server.login();
    program.send('SET x=again', 'SETANDSTORE w=on');
    await happened(testPage, 'x: again');
    await happened(testPage, 'w: on (signal)');
    expect(testPage.errors).toEqual([]);
    program.destroy();
  });

  it('notices a server that has fallen silent as soon as the network is there again', async () => {
    await using server = await ServerProcess.start();
    const testPage = await browser.open(pages.url);
    await begin(testPage, server.webSocketUrl);
    process.kill(server.pid, 'SIGSTOP');
    await testPage.page.evaluate('dispatchEvent(new Event("online"))');
    await testPage.page.waitForFunction(() =>
      (globalThis as unknown as PageGlobals).log.some((line) =>
        line.startsWith('disconnected: The server did not answer'),
      ),
    );
    process.kill(server.pid, 'SIGCONT');
    await happened(testPage, 'reconnected');
    expect(testPage.errors).toEqual([]);
  });

  it('speaks TLS', async () => {
    await using server = await TestServer.start({ xml: '<websocket port="0"/>' });
    expect(server.webSocketUrl).toMatch(/^wss:/u);
    const testPage = await browser.open(pages.url);
    await begin(testPage, server.webSocketUrl);
    await happened(testPage, 'w: – (stored)');
    expect(testPage.errors).toEqual([]);
  });

  it('looks for its connection as soon as its page is seen again', async () => {
    await using server = await ServerProcess.start();
    const testPage = await browser.open(pages.url);
    await begin(testPage, server.webSocketUrl);
    process.kill(server.pid, 'SIGSTOP');
    await testPage.page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await testPage.page.waitForFunction(() =>
      (globalThis as unknown as PageGlobals).log.some((line) => line.startsWith('disconnected')),
    );
    process.kill(server.pid, 'SIGCONT');
    await happened(testPage, 'reconnected');
    expect(testPage.errors).toEqual([]);
  });

  it('is refused where its page may not come from', async () => {
    await using server = await ServerProcess.start();
    const testPage = await browser.open(pages.url.replace('127.0.0.1', 'localhost'));
    await expect(begin(testPage, server.webSocketUrl)).rejects.toThrow(/Cannot connect to ws:/u);
  });
});
