import { encodeValue } from '@clacks/protocol';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, login, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

/** 2 × 1 pixels. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);
const hostileName = 'Hostile::<img\u00a0src\u202E\tonerror>日本語😀';
const hostileValue = '<img src=x onerror="document.title=1"><script>alert(1)</script>';

/** A server with values of all kinds. */
const startServer = async (xml?: string): Promise<ServerProcess> => {
  const server = await ServerProcess.start(xml);
  const client = await server.login();
  client.sendRaw(
    [
      'STORE House::Kitchen::Temperature=21.5',
      'STORE House::Kitchen::Light=on',
      'STORE House::Cellar::Light=off',
      'STORE House::Picture={"at":[1,2.0],"who":"Ada"}',
      `STORE Bytes=${encodeValue(Uint8Array.from([0, 255, 65, 66]))}`,
      `STORE Lines=${encodeValue('one\r\ntwo')}`,
      `STORE Photo=${encodeValue(png)}`,
      'INCREMENT Visits=7',
      `STORE ${Buffer.from(hostileName).toString('latin1')}=${hostileValue}`,
      `STORE Hostile::${'long'.repeat(200)}=${'x'.repeat(150_000)}`,
      `STORE Huge=${'0123456789abcdef'.repeat(70_000)}`,
      '',
    ].join('\r\n'),
  );
  await client.fence();
  client.destroy();
  return server;
};

const item = (page: Page, name: string | RegExp): Locator => page.getByRole('treeitem', { name });
const value = (page: Page): Locator => page.getByRole('region', { name: 'Value', exact: true });

/** A browser calls it an error that there is no such value, or that the server refuses something. */
const withoutRefusals = (errors: readonly string[]): string[] =>
  errors.filter((error) => !/the server responded with a status of 40[04] /u.test(error));

describe.runIf(hasBrowser)('the cache in the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('is a tree by levels, that the keyboard goes through', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await item(page, 'House').waitFor();
    expect(await item(page, 'Kitchen').count()).toBe(0);
    await page.getByRole('tree').focus();
    for (const key of ['h', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await item(page, 'Kitchen').waitFor();
    for (const key of ['k', 'ArrowRight']) await page.keyboard.press(key);
    await item(page, 'Temperature').waitFor();
    expect(await item(page, 'Kitchen').getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('t');
    await page.keyboard.press('Enter');
    await value(page).getByText('21.5').waitFor();
    expect(new URL(page.url()).hash).toBe('#/cache?name=House%3A%3AKitchen%3A%3ATemperature');
    expect(await item(page, 'Temperature').getAttribute('aria-selected')).toBe('true');
    await takePictures(page, 'cache');
    expect(await findBarriers(page)).toEqual([]);
    // On a phone it made room for the value.
    await page.getByRole('tree').focus();
    for (const key of ['ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    await item(page, 'Temperature').waitFor({ state: 'detached' });
    expect(errors).toEqual([]);
  });

  it('opens at the name in a link', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(
      browser,
      server,
      'cache?name=House::Cellar::Light',
    );
    await value(page).getByText('off').waitFor();
    expect(await item(page, 'Light').getAttribute('aria-selected')).toBe('true');
    await page.goto(`${server.pageUrl}#/cache?name=Nothing`);
    await page.getByText('There is no value of that name').waitFor();
    await page.goto(`${server.pageUrl}#/cache?name=%EF%BF%BDx`);
    await page.getByText('The name holds bytes that are no UTF-8.').waitFor();
    expect(withoutRefusals(errors)).toEqual([]);
  });

  it('finds names that hold a text', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await page.getByRole('searchbox').fill('light');
    await item(page, 'House::Kitchen::Light').click();
    await value(page).getByText('on', { exact: true }).waitFor();
    expect(await item(page, /./u).count()).toBe(2);
    await page.getByRole('searchbox').fill('no such name');
    await page.getByText('No name holds that text.').waitFor();
    await page.getByRole('searchbox').fill('');
    await item(page, 'Photo').waitFor();
    expect(errors).toEqual([]);
  });

  it('shows JSON, lines, bytes and images as what they are', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache?name=House::Picture');
    await page.getByRole('region', { name: 'Value as JSON' }).waitFor();
    expect(await page.getByRole('region', { name: 'Value as JSON' }).textContent()).toBe(
      '{\n  "at": [\n    1,\n    2.0\n  ],\n  "who": "Ada"\n}',
    );
    await page.getByRole('button', { name: 'Text' }).click();
    await value(page).getByText('{"at":[1,2.0],"who":"Ada"}').waitFor();

    await item(page, 'Bytes').click();
    await value(page).getByText('00 ff 41 42').waitFor();
    await value(page).getByText('··AB').waitFor();
    await value(page).getByText('bytes, as base64').waitFor();
    await page.getByRole('button', { name: 'On the wire' }).click();
    await value(page).getByText('PAGECAMELCLACKSB64:AP9BQg==').waitFor();

    await item(page, 'Photo').click();
    await value(page).getByText('image/png 2 × 1 pixels').waitFor();
    await takePictures(page, 'cache-image');
    await item(page, 'Visits').click();
    await value(page).getByText('counter').waitFor();
    await item(page, 'Huge').click();
    await value(page).getByText('Only its first MiB is shown').waitFor();
    await page.getByRole('button', { name: 'Show all 1M characters' }).waitFor();
    expect(await page.getByRole('button', { name: 'Edit' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Hex' }).click();
    await value(page).getByText('000010', { exact: true }).waitFor();
    await takePictures(page, 'cache-hex');
    expect(await findBarriers(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('shows hostile names and values as text', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await item(page, 'Hostile').click();
    await item(page, /onerror>日本語😀/u).click();
    await value(page).getByText(hostileValue).waitFor();
    const heading = page.getByRole('heading', { name: /日本語/u });
    expect(await heading.textContent()).toBe('Hostile::<img\u00a0src⟨202E⟩␉onerror>日本語😀');
    expect(await page.locator('main img').count()).toBe(0);
    await item(page, /^longlong/u).click();
    await page.getByRole('button', { name: 'Show all 150,000 characters' }).click();
    await takePictures(page, 'cache-hostile');
    expect(await findBarriers(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('stores what somebody edits, in the form that it had', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache?name=Lines');
    await page.getByRole('button', { name: 'Edit' }).click();
    await takePictures(page, 'cache-edit');
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Value' }).fill('one\ntwo\nthree');
    await page.getByRole('button', { name: 'Store' }).click();
    await value(page).getByText('three').waitFor();
    const client = await server.login();
    client.send('RETRIEVE Lines');
    expect(await client.fence()).toEqual([`RETRIEVED Lines=${encodeValue('one\r\ntwo\r\nthree')}`]);
    client.destroy();
    expect(errors).toEqual([]);
  });

  it('tells that a value changed meanwhile before it is overwritten, and shows changes', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(
      browser,
      server,
      'cache?name=House::Kitchen::Light',
    );
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Value' }).fill('dimmed');
    const client = await server.login();
    client.send('STORE House::Kitchen::Light=broken');
    await client.fence();
    await page.getByText('Somebody changed this value since you opened it.').waitFor();
    await page.getByRole('button', { name: 'Store' }).click();
    const question = page.getByRole('dialog', { name: 'It changed meanwhile' });
    await question.getByText('broken').waitFor();
    await question.getByRole('button', { name: 'Overwrite' }).click();
    await value(page).getByText('dimmed').waitFor();
    client.send('STORE House::Kitchen::Light=new bulb');
    await value(page).getByText('new bulb').waitFor();
    client.destroy();
    expect(errors).toEqual([]);
  });

  it('asks before what somebody typed is lost', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache?name=Lines');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Value' }).fill('something');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await value(page).getByText('one').waitFor();
    expect(errors).toEqual([]);
  });

  it('creates values, text and files, and removes them', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await page.getByRole('button', { name: 'New' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Garden::Gnome is');
    await page.getByRole('button', { name: 'Store' }).click();
    await page.getByText('A clacks name has no space').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Garden::Gnome');
    await page.getByLabel('Or the bytes of a file').setInputFiles({
      name: 'gnome.png',
      mimeType: 'image/png',
      buffer: png,
    });
    await expect.poll(() => page.getByLabel('Kind').inputValue()).toBe('base64');
    await page.getByRole('button', { name: 'Store' }).click();
    await value(page).getByText('2 × 1 pixels').waitFor();
    expect(await item(page, 'Gnome').getAttribute('aria-selected')).toBe('true');

    await page.getByRole('button', { name: 'Remove' }).click();
    const question = page.getByRole('dialog', { name: 'Remove this value?' });
    await question.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Choose a name to see its value.').waitFor();
    await item(page, 'Garden').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'New' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Visits');
    await page.getByRole('button', { name: 'Store' }).click();
    await page.getByRole('dialog', { name: 'There is a value already' }).waitFor();
    expect(withoutRefusals(errors)).toEqual([]);
  });

  it('lets who may only read look, and no more', async () => {
    await using server = await startServer(
      `<user><username>guest</username><password>guestpass</password><read>1</read></user>`,
    );
    const { page, errors } = await browser.open(`${server.pageUrl}#/cache?name=Visits`);
    await login(page, 'guest', 'guestpass');
    await value(page).getByText('counter').waitFor();
    for (const name of ['New', 'Edit', 'Remove']) {
      expect(await page.getByRole('button', { name }).count()).toBe(0);
    }
    expect(errors).toEqual([]);
  });

  it('shows names and value one at a time on a phone', async () => {
    await using server = await startServer();
    const { page, errors } = await openDashboard(browser, server, 'cache', {
      viewport: { width: 390, height: 844 },
    });
    await item(page, 'Visits').click();
    await value(page).getByText('counter').waitFor();
    expect(await page.getByRole('tree').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'All names' }).click();
    await item(page, 'Visits').waitFor();
    expect(await value(page).count()).toBe(0);
    await page.keyboard.press('Home');
    expect(await item(page, 'Bytes').getAttribute('class')).toContain('active');
    await takePictures(page, 'cache-names');
    expect(await findBarriers(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('shows 100,000 names of one group, down to the last one', async () => {
    await using server = await ServerProcess.start();
    const client = await server.login();
    for (let index = 0; index < 100_000; index++) {
      client.send(`STORE Many::${String(index).padStart(6, '0')}=${index}`);
      if (index % 10_000 === 9999) await client.fence();
    }
    client.destroy();
    const { page, errors } = await openDashboard(browser, server, 'cache');
    await item(page, /Many/u).click();
    await page.getByRole('tree').focus();
    for (;;) {
      await page.keyboard.press('End');
      if (await item(page, '099999').isVisible()) break;
    }
    expect(await item(page, /./u).count()).toBeLessThan(100);
    await page.keyboard.press('Enter');
    await value(page).getByText('99999', { exact: true }).waitFor();
    expect(errors).toEqual([]);
  });

  it('shows an image of very many pixels only to who wants it', async () => {
    await using server = await ServerProcess.start();
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(30_000, 16);
    bomb.writeUInt32BE(30_000, 20);
    const client = await server.login();
    client.send(`STORE Bomb=${encodeValue(bomb)}`);
    await client.fence();
    client.destroy();
    const { page, errors } = await openDashboard(browser, server, 'cache?name=Bomb');
    await value(page).getByText('It has 30,000 × 30,000 pixels.').waitFor();
    expect(await page.locator('img').count()).toBe(0);
    await page.getByRole('button', { name: 'Show it all the same' }).click();
    await value(page).getByText('The browser cannot show this image.').waitFor();
    expect(errors).toEqual([]);
  });
});
