import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

/** Starts a slave of that server. */
const startSlave = (master: ServerProcess, name: string): Promise<ServerProcess> =>
  ServerProcess.start(
    `<appname>${name}</appname><interclacksreconnecttimeout>1</interclacksreconnecttimeout>
    <master><socket>${path.join(master.directory, 'clacks.sock')}</socket></master>`,
  );

describe.runIf(hasBrowser)('the nodes of the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('draws the tree around a node, and shows a link to a master that breaks and is back', async () => {
    await using root = await ServerProcess.start('<appname>House</appname>');
    await using middle = await startSlave(root, 'Floor');
    await using leaf = await startSlave(middle, 'Room');
    const { page, errors } = await openDashboard(browser, middle, 'nodes');
    const status = page.getByRole('main').getByRole('status');
    await status
      .filter({ hasText: 'The link to the master is live. 1 slave, 1 of them live.' })
      .waitFor();
    const rows = page.getByRole('table').getByRole('row');
    const master = rows.filter({ hasText: 'master' });
    await master.filter({ hasText: /live.*\d ms.*0 ms/u }).waitFor();
    await rows.filter({ hasText: /slave.*unix socket.*live.*\d ms/u }).waitFor();
    const picture = page.getByRole('img', {
      name: /^The tree of nodes\. The link to the master is live/u,
    });
    expect(await picture.locator('.node').count()).toBe(3);
    expect(await picture.textContent()).toMatch(/live.*lag .*ms.*clock/u);
    expect(await picture.locator('.self').textContent()).toContain('Floor');
    expect(await findBarriers(page)).toEqual([]);
    await takePictures(page, 'nodes');

    const below = await openDashboard(browser, leaf, 'nodes');
    const above = below.page.getByRole('row').filter({ hasText: 'above the master' });
    await above.waitFor();
    await below.page.getByRole('img').locator('.node').nth(2).waitFor();

    await root.kill();
    await status.filter({ hasText: 'The link to the master is broken.' }).waitFor();
    await master.filter({ hasText: 'broken' }).waitFor();
    expect(await picture.count()).toBe(0);
    expect(await page.getByRole('img').locator('.wire.broken').count()).toBe(1);
    await above.waitFor({ state: 'detached' });
    await takePictures(page, 'nodes-broken');
    await root.restart();
    await status.filter({ hasText: 'The link to the master is live.' }).waitFor();
    await above.waitFor();
    expect([...errors, ...below.errors]).toEqual([]);
  });

  it('remembers a slave that is gone, until it is back', async () => {
    await using root = await ServerProcess.start('<appname>House</appname>');
    await using left = await startSlave(root, 'Left');
    await using right = await startSlave(root, 'Right');
    const { page, errors } = await openDashboard(browser, root, 'nodes');
    const status = page.getByRole('main').getByRole('status');
    await status.filter({ hasText: '2 slaves, 2 of them live.' }).waitFor();
    await left.kill();
    await status
      .filter({ hasText: '1 slave, 1 of them live. The link to one more is broken.' })
      .waitFor();
    await page
      .getByRole('row')
      .filter({ hasText: /broken since/u })
      .waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await takePictures(page, 'nodes-slave-gone');
    await left.restart();
    await status.filter({ hasText: /2 slaves, 2 of them live\.$/u }).waitFor();
    await root.kill();
    await page.getByText(/^As of /u).waitFor();
    await root.restart();
    await page.getByText(/^As of /u).waitFor({ state: 'detached' });
    await status.filter({ hasText: /2 slaves, 2 of them live\.$/u }).waitFor();
    expect(right.pid).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  it('finds room for many slaves, also on a phone', async () => {
    await using root = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, root, 'nodes');
    const links = Array.from({ length: 11 }, (_, index) => ({
      direction: 'slave',
      connectionId: `slave ${index}`,
      address: index === 3 ? `<b>${'2001:db8::'.repeat(9)}` : `192.0.2.${index}`,
      name:
        index === 3
          ? `<img src=x onerror=alert(1)>温度\u{1f600}${'long'.repeat(40)}`
          : `node ${index}`,
      state: ['live', 'syncing', 'authenticating', 'live'][index % 4],
      lagMs: index * 3.3,
      clockOffsetMs: index * -70,
    }));
    await page.route('**/api/nodes', (route) =>
      route.fulfill({
        json: {
          self: { name: 'House', version: '1', nodeId: 'abcdefghijkl', role: 'slave' },
          above: ['first', 'second'],
          master: { address: 'master.example:49888', isLinked: false },
          links,
        },
      }),
    );
    await page.getByRole('row').filter({ hasText: '<img src=x' }).waitFor();
    await takePictures(page, 'nodes-many');
    await page.setViewportSize({ width: 390, height: 1900 });
    await takePictures(page, 'nodes-many-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(errors).toEqual([]);
  });
});
