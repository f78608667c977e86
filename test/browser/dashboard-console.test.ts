import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

const field = (page: Page) => page.getByLabel('Lines to send');
const log = (page: Page) => page.getByRole('log');
const entries = (page: Page) => log(page).getByRole('listitem');

const say = async (page: Page, line: string): Promise<void> => {
  await field(page).fill(line);
  await field(page).press('Enter');
};

describe.runIf(hasBrowser)('the console of the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('sends lines and shows what comes back, signals that come later too', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'console');
    await say(page, 'STORE Kitchen=<img src=x onerror=alert(1)>\t日本語');
    await say(page, 'RETRIEVE Kitchen');
    await log(page).getByText('RETRIEVED Kitchen=<img src=x onerror=alert(1)>␉日本語').waitFor();
    await say(page, 'NONSENSE');
    await entries(page).filter({ hasText: 'OVERHEAD E' }).waitFor();
    expect(await entries(page).filter({ hasText: 'OVERHEAD E' }).getAttribute('class')).toBe(
      'error',
    );
    await say(page, 'LISTEN Door');
    const client = await server.login();
    // What it says here is heard there once the console has been answered.
    await say(page, 'PING');
    await expect.poll(() => entries(page).filter({ hasText: 'PING' }).count()).toBeGreaterThan(0);
    client.send('SET Door=open', `SET Door=${'long'.repeat(1000)}`);
    await client.fence();
    client.destroy();
    await log(page).getByText('SET Door=open').waitFor();
    await page.getByRole('button', { name: 'more characters' }).click();
    await takePictures(page, 'console');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('link', { name: 'Cache' }).click();
    await page.getByRole('link', { name: 'Console' }).click();
    await log(page).getByText('SET Door=open').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await entries(page).count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('remembers lines, but not those with passwords', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'console');
    await say(page, 'PING');
    await say(page, 'OVERHEAD A c2VjcmV0');
    await log(page).getByText('OVERHEAD A ••••••').waitFor();
    await say(page, 'KEYLIST');
    await log(page).getByText('KEYLISTEND').waitFor();
    await page.reload();
    await field(page).fill('half a li');
    for (const [key, shown] of [
      ['ArrowUp', 'KEYLIST'],
      ['ArrowUp', 'PING'],
      ['ArrowUp', 'PING'],
      ['ArrowDown', 'KEYLIST'],
      ['ArrowDown', 'half a li'],
    ] as const) {
      await field(page).press(key);
      expect(await field(page).inputValue()).toBe(shown);
    }
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('c2VjcmV0');
    expect(errors).toEqual([]);
  });

  it('takes several lines that are pasted', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'console');
    await field(page).focus();
    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'STORE a=1\\r\\nSTORE b=2\\r\\nKEYLIST');
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.activeElement.dispatchEvent(event);
    })()`);
    await page.locator('textarea').waitFor();
    expect(await field(page).inputValue()).toBe('STORE a=1\nSTORE b=2\nKEYLIST');
    await takePictures(page, 'console-lines');
    expect(await findBarriers(page)).toEqual([]);
    await field(page).press('Enter');
    await log(page).getByText('KEYLISTEND').waitFor();
    expect(
      await log(page)
        .getByText(/^KEY [ab]$/u)
        .count(),
    ).toBe(2);
    await page.locator('form input').waitFor();
    await page.keyboard.type('NOP');
    expect(await field(page).inputValue()).toBe('NOP');
    expect(errors).toEqual([]);
  });

  it('tells that its connection was closed, and what is left out', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'console');
    await say(page, 'QUIT');
    await log(page).getByText('The connection is closed').waitFor();
    const client = await server.login();
    client.send(...Array.from({ length: 2500 }, (_, index) => `STORE key${index}=x`));
    await client.fence();
    client.destroy();
    await say(page, 'KEYLIST');
    await log(page)
      .getByText(/more lines came and are left out/u)
      .waitFor();
    expect(await entries(page).count()).toBe(1000);
    expect(errors).toEqual([]);
  });
});
