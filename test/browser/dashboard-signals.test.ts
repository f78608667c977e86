import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, login, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

const hostileName = 'House::<img/src=x/onerror=alert(1)>'.replaceAll('=', '≠');
const hostileValues = [
  '<img src=x onerror=alert(1)>',
  'bell \x07 and \x1b[31mred',
  `${'long '.repeat(400)}end`,
  '温度は二十二度 🌡️',
  '\u202Ebackwards',
];

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe.runIf(hasBrowser)('signals in the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('shows the newest signal of each name that a raw socket client sends', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'signals');
    const sender = await server.login();
    await page.getByLabel('Name or pattern to listen to').fill('House::**');
    await page.keyboard.press('Enter');
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    expect(new URL(page.url()).hash).toBe('#/signals?name=House%3A%3A**');

    sender.send('SET House::Temperature=20.5', 'NOTIFY House::Bell', 'SET Other=1');
    const table = page.getByRole('table');
    const temperature = table.getByRole('row').filter({ hasText: 'House::Temperature' });
    await temperature.filter({ hasText: '20.5' }).waitFor();
    await table
      .getByRole('row')
      .filter({ hasText: 'House::Bell' })
      .filter({ hasText: 'NOTIFY' })
      .waitFor();
    sender.send('SET House::Temperature=23');
    await temperature.getByRole('img', { name: 'Between 20.5 and 23' }).waitFor();
    expect(await table.getByText('Other').count()).toBe(0);

    for (const [index, value] of hostileValues.entries()) {
      sender.send(`SET House::Value${index}=${latin1(value)}`);
    }
    sender.send(`SET ${latin1(hostileName)}=1`);
    await table.getByText('<img src=x onerror=alert(1)>').waitFor();
    await table.getByText(hostileName).waitFor();
    await table.getByText('bell ␇ and ␛[31mred').waitFor();
    await table.getByText('⟨202E⟩backwards').waitFor();
    expect(await page.locator('main img, main iframe').count()).toBe(0);
    await takePictures(page, 'signals');
    expect(await findBarriers(page)).toEqual([]);
    expect(errors).toEqual([]);
    sender.destroy();
  });

  it('has a log of them, filters it, pauses and says how many came meanwhile', async () => {
    await using server = await ServerProcess.start();
    const view = 'signals?name=a::*&name=news&show=log';
    const { page, errors } = await openDashboard(browser, server, view);
    await page.getByText('Listening to 2 names and patterns.').waitFor();
    const sender = await server.login();
    sender.send('SET a::1=first', 'NOTIFY news');
    const table = page.getByRole('table', { name: 'Log of signals' });
    await table.getByText('first').waitFor();
    await table.getByText('news').waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    sender.send('SET a::1=second', 'SET a::2=third');
    await page.getByText('Paused: 2 signals came since.').waitFor();
    expect(await table.getByText('second').count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await table.getByText('second').waitFor();

    await page.getByPlaceholder('Filter names and values').fill('THIRD');
    await table.getByText('first').waitFor({ state: 'detached' });
    expect(await table.getByRole('row').count()).toBe(2);
    await page.getByPlaceholder('Filter names and values').fill('');
    await table.getByText('first').waitFor();
    await takePictures(page, 'signals-log');
    expect(await findBarriers(page)).toEqual([]);

    await page.getByRole('button', { name: 'Clear' }).click();
    await table.getByText('No signal came so far.').waitFor();
    expect(errors).toEqual([]);
    sender.destroy();
  });

  it('suggests names of the cache and busy ones, and listens to several', async () => {
    await using server = await ServerProcess.start();
    const sender = await server.login();
    sender.send('STORE Kitchen::Heater::Power=1', 'STORE Kitchen::Heater::Target=2');
    await sender.fence();
    const { page, errors } = await openDashboard(browser, server, 'signals');
    await page.getByRole('button', { name: '** everything' }).waitFor();
    await page.getByLabel('Name or pattern to listen to').pressSequentially('heater');
    const option = (name: string) =>
      page.locator(`datalist option[value="${name}"]`).waitFor({ state: 'attached' });
    await option('Kitchen::Heater::**');
    await option('Kitchen::Heater::Power');
    // The names that are sent most are counted from the first question on.
    const busy = page.getByRole('button', { name: 'busy::name' });
    const timer = setInterval(() => {
      sender.send('NOTIFY busy::name');
    }, 50);
    await busy.waitFor();
    clearInterval(timer);
    await takePictures(page, 'signals-choice');
    expect(await findBarriers(page)).toEqual([]);
    await busy.click();
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    const input = page.getByLabel('Name or pattern to listen to');
    await input.fill('no name');
    await page.keyboard.press('Enter');
    await page.getByText('A name has no space').waitFor();
    await input.fill('other');
    await page.keyboard.press('Enter');
    await page.getByText('Listening to 2 names and patterns.').waitFor();
    await page.getByRole('button', { name: 'Do not listen to busy::name any more' }).click();
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    expect(new URL(page.url()).hash).toBe('#/signals?name=other');
    expect(errors).toEqual([]);
    sender.destroy();
  });

  it('says which are refused of what somebody may not read', async () => {
    await using server = await ServerProcess.start(
      `<user><username>guest</username><password>guestpass</password>
       <readnames>open::**</readnames></user>`,
    );
    const { page } = await browser.open(`${server.pageUrl}#/signals?name=open::a&name=closed::a`);
    await login(page, 'guest', 'guestpass');
    await page.getByText('1 is refused').waitFor();
    await page.getByText('Listening to 1 name or pattern.').waitFor();
  });

  it('hears again when its server was killed and started again', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'signals?name=a');
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    await server.kill();
    await page.getByText('Waiting for the server').waitFor();
    await server.restart();
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    const sender = await server.login();
    sender.send('SET a=again');
    await page.getByRole('table').getByText('again').waitFor();
    expect(errors).toEqual([]);
    sender.destroy();
  });

  it('stands still where somebody reads, and counts what is left out, in a flood', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server, 'signals?name=flood::*');
    await page.getByText('Listening to 1 name or pattern.').waitFor();
    const sender = await server.login();
    // Another name comes first each time, since the server shows those that come first.
    const flood = (round: number): void => {
      const names = Array.from({ length: 1000 }, (_, index) => (index + round * 199) % 1000);
      sender.send(...names.map((name) => `SET flood::${name}=${round}`));
    };
    let round = 0;
    const timer = setInterval(() => {
      flood(round++);
    }, 200);
    await page.getByText('counted for no name').waitFor();
    await page.getByText('1,000 names').waitFor();
    const table = page.getByRole('table');
    await table.focus();
    await page.keyboard.press('End');
    await table.getByText('flood::999').waitFor();
    await page.getByRole('button', { name: 'Log', exact: true }).click();
    await page.getByText('left out').waitFor();
    const log = page.getByRole('table', { name: 'Log of signals' });
    await log.getByRole('row').nth(15).waitFor();
    await log.focus();
    await page.keyboard.press('PageDown');
    const newest = page.getByRole('button', { name: 'To the newest' });
    await newest.waitFor();
    const scrolledTo = await log.evaluate(({ scrollTop }) => scrollTop);
    const told = await page.getByText(/signals, /u).textContent();
    await page.getByText(told ?? '').waitFor({ state: 'detached' });
    expect(await log.evaluate(({ scrollTop }) => scrollTop)).toBe(scrolledTo);
    await takePictures(page, 'signals-flood');
    await newest.click();
    expect(await log.evaluate(({ scrollTop }) => scrollTop)).toBe(0);
    clearInterval(timer);
    expect(errors).toEqual([]);
    sender.destroy();
  });
});
