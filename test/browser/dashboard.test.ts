import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, login, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

describe.runIf(hasBrowser)('the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('refuses a wrong password and says so, then lets in', async () => {
    await using server = await ServerProcess.start();
    const { page } = await browser.open(server.pageUrl);
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Wrong username or password.').waitFor();
    await takePictures(page, 'login');
    expect(await findBarriers(page)).toEqual([]);
    await login(page);
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
  });

  it('goes on by itself when its server is killed and started again', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    await server.kill();
    await page.getByText('no connection').waitFor();
    await server.restart();
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('logs out, and knows nothing then', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Username').waitFor();
    await page.reload();
    await page.getByLabel('Username').waitFor();
    // What was on its way when the session ended is refused.
    expect(errors.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('stays logged in when it is loaded again', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'logs');
    await page.reload();
    await page.getByRole('heading', { name: 'Logs' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('lets go of its streams while nobody looks at it, and goes on when somebody does', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await browser.open(server.pageUrl);
    await page.clock.install();
    await page.reload();
    await login(page);
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    const look = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await look(true);
    await page.clock.fastForward(11_000);
    await page.getByText('no connection').waitFor();
    await page.clock.fastForward(61_000);
    expect(await page.getByText('no connection').count()).toBe(1);
    await look(false);
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('logs in again by itself, even if the server is gone again meanwhile', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    await server.kill();
    await page.getByText('no connection').waitFor();
    let logins = 0;
    await page.route('**/api/login', (route) =>
      ++logins === 1 ? route.abort('connectionrefused') : route.continue(),
    );
    await server.restart();
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    expect(logins).toBe(2);
    expect(errors).toEqual([]);
  });

  it('shows names of the cache that come back after the server', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await page.getByText('The cache is empty.').waitFor();
    await server.kill();
    await page.getByText('no connection').waitFor();
    await server.restart();
    await page.getByRole('status').filter({ hasText: 'ready' }).waitFor();
    await page.getByText('The cache is empty.').waitFor();
    // As a slave or a program does that has kept them.
    const client = await server.login();
    client.send('STORE Kept=1');
    await client.fence();
    client.destroy();
    await page.getByRole('treeitem', { name: 'Kept' }).waitFor();
    expect(errors).toEqual([]);
  });
});
