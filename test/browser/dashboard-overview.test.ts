import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, TestBrowser } from './browser.ts';
import { findBarriers, login, openDashboard, takePictures } from './dashboard-page.ts';
import { ServerProcess } from './server-process.ts';

/** A name as no honest program has it. */
const hostileName = `\u202E<script>alert(1)</script>::\u{1f600}::温度::${'long'.repeat(50)}`;
/** As the page shows it: with every character in sight. */
const shownName = hostileName.replace('\u202E', '⟨202E⟩');
const toWire = (text: string): string => Buffer.from(text).toString('latin1');

/** What of a page tells how its charts are drawn. Types of pages are not those of tests. */
interface Plot {
  readonly width: number;
  readonly height: number;
  readonly clientWidth: number;
  readonly firstElementChild: Plot;
  readonly getContext: (kind: '2d') => {
    readonly getImageData: (...box: readonly number[]) => { readonly data: Uint8ClampedArray };
  };
}
interface PageGlobals {
  readonly document: { readonly querySelectorAll: (selector: string) => Iterable<Plot> };
}

/** Waits until the canvas of a chart has pixels of a colour. */
const isDrawnIn = (page: Page, chart: string, color: readonly number[]) =>
  page.waitForFunction(
    ({ selector, wanted }) => {
      const { document } = globalThis as unknown as PageGlobals;
      for (const canvas of document.querySelectorAll(selector)) {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        for (let at = 0; at < data.length; at += 4) {
          if (wanted.every((part, index) => part === data[at + index])) return true;
        }
      }
      return false;
    },
    { selector: `[aria-label="${chart}"] canvas`, wanted: [...color, 255] },
  );

describe.runIf(hasBrowser)('the overview of the dashboard', () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await TestBrowser.start();
  });
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
  });

  it('shows rates, counts and the busiest names as they happen', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    const program = await server.login();
    program.send('LISTEN house::**', `LISTEN ${toWire(hostileName)}`, 'STORE one=1');
    const name = page.getByRole('rowheader', { name: shownName, exact: true });
    const busiest = page.getByRole('region', { name: 'Busiest names' });
    while (!(await name.isVisible())) {
      for (let n = 0; n < 50; n++) program.send(`SET house::lamp=${n}`);
      program.send(`SET ${toWire(hostileName)}=1`);
      await program.fence();
    }
    await busiest.getByRole('rowheader', { name: 'house::lamp' }).waitFor();
    expect(await page.locator('.busiest tbody tr').first().textContent()).toContain('house::lamp');
    expect(await page.locator('.tiles').textContent()).toContain('1 entry');
    await page
      .getByRole('img', { name: /^Line chart: Lines a second, .* In: [1-9].* Out: [1-9]/u })
      .waitFor();
    expect(await page.getByRole('figure').count()).toBe(6);
    expect(await findBarriers(page)).toEqual([]);
    await takePictures(page, 'overview');
    await page.setViewportSize({ width: 1280, height: 1700 });
    await takePictures(page, 'overview-long');
    expect(errors).toEqual([]);
    program.destroy();
  });

  it('shows the values of a moment that is chosen with the keyboard or pointed at', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    const connections = page.getByRole('figure', { name: 'Connections' });
    await connections.getByRole('columnheader', { name: 'Now' }).waitFor();
    const slider = page.getByRole('slider', { name: 'Values of' });
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await connections.getByRole('columnheader', { name: /:\d\d:\d\d/u }).waitFor();
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/:\d\d:\d\d/u);
    await page.keyboard.press('End');
    await connections.getByRole('columnheader', { name: 'Now' }).waitFor();
    const bytes = page.getByRole('figure', { name: 'Bytes a second' });
    // What is under the pointer may move away while the page is still being laid out.
    await expect
      .poll(
        async () => {
          await bytes.locator('.u-over').hover();
          return connections.getByRole('columnheader', { name: /:\d\d:\d\d/u }).count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    await page.mouse.move(0, 0);
    await connections.getByRole('columnheader', { name: 'Now' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('draws in the colours that are chosen, as wide as there is room', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    await page.emulateMedia({ colorScheme: 'light' });
    await isDrawnIn(page, 'Connections', [0x1f, 0x5f, 0xa8]);
    await page.getByLabel('Colours').selectOption('dark');
    await isDrawnIn(page, 'Connections', [0x7a, 0xb8, 0xff]);
    await page.getByLabel('Colours').selectOption('system');
    await isDrawnIn(page, 'Connections', [0x1f, 0x5f, 0xa8]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await isDrawnIn(page, 'Connections', [0x7a, 0xb8, 0xff]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForFunction(() => {
      const { document } = globalThis as unknown as PageGlobals;
      const plots = [...document.querySelectorAll('.plot')];
      return plots.every((plot) => plot.firstElementChild.clientWidth === plot.clientWidth);
    });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(errors).toEqual([]);
  });

  it('shows for how long the server was away', async () => {
    await using server = await ServerProcess.start();
    const { page, errors } = await openDashboard(browser, server);
    await page.getByRole('img', { name: /Connections, .* Open: \d/u }).waitFor();
    await server.kill();
    await page.getByText(/^No figures since /u).waitFor();
    await server.restart();
    await page.getByText(/^No figures from .* to /u).waitFor();
    await takePictures(page, 'overview-gap');
    expect(errors).toEqual([]);
  });

  it('shows no names to a user who may not read', async () => {
    await using server = await ServerProcess.start(
      `<user><username>guard</username><password>guardpass</password>
      <read>0</read><write>0</write><manage>1</manage></user>`,
    );
    const { page, errors } = await browser.open(server.pageUrl);
    await login(page, 'guard', 'guardpass');
    await page.getByRole('figure', { name: 'Connections' }).waitFor();
    expect(await page.getByText('Busiest names').count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
