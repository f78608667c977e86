import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { RawClient } from '../support/raw-client.ts';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

/** A client that calls itself something. */
const named = async (server: ServerProcess, name: string): Promise<RawClient> => {
  const client = await server.login();
  client.send(`CLACKS ${Buffer.from(name).toString('latin1')}`);
  await client.fence();
  return client;
};

const tableOf = (page: Page) => page.getByRole('table', { name: 'Connections' });
const dialogOf = (page: Page) => page.getByRole('dialog');

/** Waits until the page has asked for the list once more, and got it. */
const refreshed = (page: Page) =>
  page.waitForResponse((response) => response.url().includes('/api/connections?'));

/** That part of the page, if it has the focus. */
const focused = (page: Page, part: Locator) => part.and(page.locator(':focus'));

describe.runIf(hasBrowser)('connections in the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('closes the one of a raw socket client, once that is confirmed', async () => {
    await using server = await ServerProcess.start();
    const [thief, bystander] = [await named(server, 'thief'), await named(server, 'bystander')];
    const { page, errors } = await openDashboard(browser, server, 'connections');
    const table = tableOf(page);
    const button = table.getByRole('button', { name: 'Disconnect thief' });
    await button.focus();
    await page.keyboard.press('Enter');
    await dialogOf(page).getByText('Disconnect thief?').waitFor();
    await takePictures(page, 'connections-kick');
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'detached' });
    await focused(page, button).waitFor();

    await button.click();
    await dialogOf(page).getByRole('button', { name: 'Disconnect', exact: true }).click();
    await page.getByText('Disconnected: thief.').waitFor();
    await thief.closed();
    await button.waitFor({ state: 'detached' });
    await table.getByText('bystander').waitFor();
    await bystander.fence();
    expect(errors).toEqual([]);
    bystander.destroy();
  });

  it('shows all of one connection, and that it is closed when it is', async () => {
    await using server = await ServerProcess.start();
    const hostile = '<img src=x onerror=alert(1)> \x1b[31m 温度 🌡️';
    const client = await named(server, hostile);
    client.send('LISTEN House::**', 'LISTEN news', 'MONITOR');
    await client.fence();
    const { page, errors } = await openDashboard(browser, server, 'connections');
    const table = tableOf(page);
    await table.getByText('<img src=x onerror=alert(1)> ␛[31m 温度 🌡️').waitFor();
    await table.getByText('monitor').waitFor();
    await table.getByText('yours').first().waitFor();
    await takePictures(page, 'connections');
    expect(await findBarriers(page)).toEqual([]);
    expect(await page.locator('main img').count()).toBe(0);

    await table.getByRole('button', { name: 'Details of <img' }).click();
    const dialog = dialogOf(page);
    await dialog.getByText('2 names and patterns').waitFor();
    await dialog.getByText('House::**').waitFor();
    await dialog.getByText('news').waitFor();
    await takePictures(page, 'connections-details');
    expect(await findBarriers(page)).toEqual([]);
    // The address has it: it can be passed on.
    expect(page.url()).toContain('?id=');
    client.destroy();
    await dialog.getByText('It is closed.').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('finds, sorts and scrolls among many, and stays where somebody is', async () => {
    await using server = await ServerProcess.start();
    const clients: RawClient[] = [];
    for (let index = 0; index < 300; index++) {
      clients.push(await named(server, `client-${String(index).padStart(3, '0')}`));
    }
    const { page, errors } = await openDashboard(browser, server, 'connections');
    const table = tableOf(page);
    const names = table.getByRole('button', { name: /^Details of client-/u });
    await names.first().waitFor();
    await table.getByRole('button', { name: 'Name', exact: true }).click();
    await table.getByRole('button', { name: 'Name', exact: true }).click();
    await table.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    await table.getByText('client-000').waitFor();

    await table.focus();
    await page.keyboard.press('End');
    const last = table.getByRole('button', { name: 'Details of client-299' });
    await last.focus();
    const scrolledTo = await table.evaluate(({ scrollTop }) => scrollTop);
    // Those that come before it make it another row.
    clients.push(await named(server, 'a-new-one'));
    await page.getByText(/^30\d connections$/u).waitFor();
    await refreshed(page);
    await refreshed(page);
    await focused(page, last).waitFor();
    expect(await table.evaluate(({ scrollTop }) => scrollTop)).toBe(scrolledTo);

    await page.getByPlaceholder('Filter by name').fill('CLIENT-12');
    await page.getByText('10 connections').waitFor();
    await table.getByText('client-125').waitFor();
    expect(await names.count()).toBe(10);
    await page.getByPlaceholder('Filter by name').fill('nobody at all');
    await table.getByText('No connection fits.').waitFor();
    expect(errors).toEqual([]);
    for (const client of clients) client.destroy();
  });

  it('says that one may log oneself out, and does', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'connections');
    await tableOf(page)
      .getByRole('button', { name: 'Disconnect clacks http', exact: true })
      .click();
    await dialogOf(page).getByText('you are logged out').waitFor();
    await dialogOf(page).getByRole('button', { name: 'Disconnect', exact: true }).click();
    await page.getByLabel('Username').waitFor();
    expect(errors.filter((text) => !text.includes('401'))).toEqual([]);
  });

  it('says that the list is old while the server is away, and goes on then', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'connections');
    await tableOf(page).getByText('clacks http').first().waitFor();
    await server.kill();
    await page.getByText('The list is not up to date.').waitFor();
    await server.restart();
    const client = await named(server, 'newcomer');
    await tableOf(page).getByText('newcomer').waitFor();
    await page.getByText('The list is not up to date.').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
    client.destroy();
  });
});
