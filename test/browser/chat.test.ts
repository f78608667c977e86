import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Child } from '../support/child.ts';
import { RawClient } from '../support/raw-client.ts';
import { TestServer } from '../support/test-server.ts';
import { hasBrowser, TestBrowser } from './browser.ts';
import type { TestPage } from './browser.ts';

const built = (name: string): string =>
  path.join(path.dirname(path.dirname(import.meta.dirname)), 'examples', 'dist', `${name}.js`);

const join = async (browser: TestBrowser, url: string): Promise<TestPage> => {
  const testPage = await browser.open(url);
  const { page } = testPage;
  await page.getByLabel('Password').fill('unsafepassword');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('Connected to clacks-ts').waitFor();
  return testPage;
};

const say = async ({ page }: TestPage, text: string): Promise<void> => {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
};

const heard = ({ page }: TestPage, text: string): Promise<void> =>
  page.getByRole('listitem').filter({ hasText: text }).waitFor();

describe.skipIf(!hasBrowser)("the article's chat as a web page", () => {
  let server: TestServer;
  let browser: TestBrowser;
  const children: Child[] = [];

  beforeAll(async () => {
    browser = await TestBrowser.start();
    server = await TestServer.start({
      xml: `<websocket port="0" tls="0"/>
        <user><username>exampleuser</username><password>unsafepassword</password>
        <read>1</read><write>1</write></user>`,
    });
  });
  afterAll(async () => {
    for (const child of children) await child.kill();
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const start = (name: string, ...args: string[]): Child => {
    const child = new Child(built(name), args);
    children.push(child);
    return child;
  };

  it('is one conversation of two tabs and the terminal client', async () => {
    const page = start('chatpage', '--port', '0', '--url', server.webSocketUrl);
    await page.waitFor(/^The chat is at http:\S+/mu);
    const [, url = ''] = /(http:\S+)/u.exec(page.output) ?? [];
    const watcher = await RawClient.login(server);
    watcher.send('MONITOR');
    await watcher.fence();
    const ca = path.join(server.directory, 'server.crt');
    const terminal = start('chatclient', '--port', String(server.port), '--ca', ca);
    await watcher.waitFor((line) => line.endsWith('=LISTEN example::notify'));
    const [first, second] = [await join(browser, url), await join(browser, url)];

    await say(first, 'hello <b>everybody</b>');
    await heard(second, 'hello <b>everybody</b>');
    await terminal.waitFor(/^>>> hello <b>everybody<\/b>$/mu);
    terminal.type('grüße');
    await Promise.all([heard(first, 'grüße'), heard(second, 'grüße')]);
    await say(second, 'back');
    await Promise.all([heard(first, 'back'), terminal.waitFor(/^>>> back$/mu)]);
    watcher.send('NOTIFY example::notify');
    await heard(first, 'Another minute has passed');
    expect([...first.errors, ...second.errors]).toEqual([]);
    watcher.destroy();
  });
});
