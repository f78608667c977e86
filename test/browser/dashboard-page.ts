import axe from 'axe-core';
import type { AxeResults } from 'axe-core';
import path from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { TestBrowser, TestPage } from './browser.ts';
import type { ServerProcess } from './server-process.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
/** Where pictures of pages are put, for people to look at. */
const pictures = path.join(root, '.build', 'screenshots');

/** Logs in to the page of a server. */
export const login = async (page: Page, username = 'admin', password = 'adminpass') => {
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').waitFor();
};

/** Opens the dashboard of a server as its main user, at a view: `cache`, `signals`. */
export const openDashboard = async (
  browser: TestBrowser,
  server: ServerProcess,
  view = '',
  options: BrowserContextOptions = {},
): Promise<TestPage> => {
  const testPage = await browser.open(`${server.pageUrl}#/${view}`, options);
  await login(testPage.page);
  return testPage;
};

/** What `axe-core` finds in a page as it is now, light and dark, of what keeps somebody from using it. */
export const findBarriers = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate<AxeResults>('axe.run()');
    for (const { id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      found.push(...nodes.map(({ html }) => `${colorScheme}: ${id}: ${html}`));
    }
  }
  return found;
};

/** Takes pictures of a page: light, dark, and as a phone shows it. */
export const takePictures = async (page: Page, name: string): Promise<void> => {
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  const take = (variant: string) =>
    page.screenshot({ path: path.join(pictures, `${name}-${variant}.png`) });
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await take('light');
  await page.setViewportSize({ width: 390, height: 844 });
  await take('narrow');
  await page.setViewportSize(size);
};
