import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, login, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

const hostileUser = `<img src=x onerror=alert(1)>温度\u{1f600}`;

/** Fails to log in, with a hostile name. */
const failLogin = async (server: ServerProcess): Promise<void> => {
  const client = await RawClient.unixAt(path.join(server.directory, 'clacks.sock'));
  await expect(client.login(hostileUser, 'wrong')).rejects.toThrow('closed');
};

/** Logs in and leaves so many times: two lines of the log each. */
const comeAndGo = async (server: ServerProcess, times: number): Promise<void> => {
  for (let n = 0; n < times; n++) {
    const client = await server.login();
    client.send('QUIT');
    await client.closed();
  }
};

const lineOf = (page: Page, text: string | RegExp) =>
  page.getByRole('list', { name: 'Lines of the log' }).getByRole('button', { name: text });

/** What of an element says how it is scrolled. Types of pages are not those of tests. */
interface Scroller {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

const scrollTop = (page: Page): Promise<number> =>
  page
    .getByRole('list', { name: 'Lines of the log' })
    .evaluate((list) => (list as unknown as Scroller).scrollTop);

/** Distance to the end of the list, in pixels. */
const toTheEnd = (page: Page): Promise<number> =>
  page.getByRole('list', { name: 'Lines of the log' }).evaluate((list) => {
    const scroller = list as unknown as Scroller;
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  });

describe.runIf(hasBrowser)('the log of the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('shows what was and what comes, by level and text, with details', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await lineOf(page, 'listening').waitFor();
    await failLogin(server);
    const failed = lineOf(page, 'login failed');
    await failed.waitFor();
    await page.getByLabel('Level').selectOption('warn');
    await lineOf(page, 'listening').waitFor({ state: 'detached' });
    await failed.focus();
    await page.keyboard.press('Enter');
    const details = page.locator('.details');
    expect(await details.textContent()).toContain(`"username": "${hostileUser}"`);
    expect(await failed.getAttribute('aria-expanded')).toBe('true');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByLabel('Level').selectOption('');
    await lineOf(page, 'listening').waitFor();
    await takePictures(page, 'logs');
    await page.getByRole('searchbox').fill('LISTENING');
    await failed.waitFor({ state: 'detached' });
    await lineOf(page, 'listening').waitFor();
    await page.getByText(/^1 of \d+ lines$/u).waitFor();
    await page.getByRole('searchbox').fill('no such text');
    await page.getByText('Nothing that fits has been logged.').waitFor();
    expect(errors).toEqual([]);
  });

  it('follows its end until somebody reads further up', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await comeAndGo(server, 60);
    await page.getByText(/^1\d\d lines$/u).waitFor();
    expect(await toTheEnd(page)).toBeLessThan(2);
    const list = page.getByRole('list', { name: 'Lines of the log' });
    expect(await list.getByRole('listitem').count()).toBeLessThan(60);

    await list.focus();
    await page.keyboard.press('Home');
    await lineOf(page, 'listening').waitFor();
    const toNewest = page.getByRole('button', { name: /^To the newest/u });
    await toNewest.waitFor();
    await failLogin(server);
    await page.getByRole('button', { name: /^To the newest: \d+ more/u }).waitFor();
    expect(await scrollTop(page)).toBe(0);
    await toNewest.click();
    await lineOf(page, 'login failed').waitFor();
    await toNewest.waitFor({ state: 'detached' });
    await comeAndGo(server, 40);
    await page.getByText(/^[23]\d\d lines$/u).waitFor();
    expect(await toTheEnd(page)).toBeLessThan(2);
    expect(errors).toEqual([]);
  });

  it('keeps a line where it is while somebody is at it', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await comeAndGo(server, 30);
    await failLogin(server);
    const failed = lineOf(page, 'login failed');
    await failed.click();
    const before = await failed.boundingBox();
    await comeAndGo(server, 30);
    await page.getByRole('button', { name: /^To the newest: \d\d more/u }).waitFor();
    expect(await failed.boundingBox()).toEqual(before);
    expect(await page.locator(':focus').textContent()).toContain('login failed');
    expect(errors).toEqual([]);
  });

  it('keeps what is in sight where it is when the oldest lines go', async () => {
    await using server = await ServerProcess.start();
    let newest = 4000;
    const { page, errors } = await browser.open(server.pageUrl);
    await page.route('**/api/logs?*', (route) =>
      route.fulfill({
        json: {
          items: Array.from({ length: newest }, (_, index) => ({
            serial: index + 1,
            atMs: 1_700_000_000_000 + index,
            level: 'info',
            message: `message ${index + 1}.`,
            details: '{}',
          })),
        },
      }),
    );
    await login(page);
    await page.getByRole('link', { name: 'Logs' }).click();
    await lineOf(page, 'message 4000.').waitFor();
    const list = page.getByRole('list', { name: 'Lines of the log' });
    await list.evaluate((element) => {
      (element as unknown as Scroller).scrollTop = 60_010;
    });
    const line = lineOf(page, 'message 2005.');
    const before = await line.boundingBox();
    newest = 4500;
    await server.kill();
    await page.getByText('no connection').waitFor();
    await server.restart();
    await page.getByRole('button', { name: /^To the newest: 5\d\d more/u }).waitFor();
    expect(await line.boundingBox()).toEqual(before);
    await list.focus();
    await page.keyboard.press('Home');
    await lineOf(page, /message 50\d\./u)
      .first()
      .waitFor();
    expect(await lineOf(page, 'message 499.').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('stands still while it is paused, and has missed nothing then', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await lineOf(page, 'listening').waitFor();
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.click();
    const count = await page.getByText(/lines, paused$/u).textContent();
    await failLogin(server);
    // Another page shows it: this one has been told as well.
    const other = await openDashboard(browser, server, 'logs');
    await lineOf(other.page, 'login failed').waitFor();
    expect(await page.getByText(/lines, paused$/u).textContent()).toBe(count);
    expect(await lineOf(page, 'login failed').count()).toBe(0);
    await pause.click();
    await lineOf(page, 'login failed').waitFor();
    expect([...errors, ...other.errors]).toEqual([]);
  });

  it('goes on when the server is killed and started again, and says so', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await lineOf(page, 'listening').waitFor();
    await server.kill();
    await page.getByText('no connection').waitFor();
    await server.restart();
    await page.getByText('The server was started anew.').waitFor();
    expect(await lineOf(page, 'listening').count()).toBe(2);
    expect(errors).toEqual([]);
  });
});
