import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Where Chromium is, if it is installed: `scripts/system-packages.mjs` sees to that. */
const executablePath = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .flatMap((directory) => names.map((name) => path.join(directory, name)))
  .find((file) => existsSync(file));

/** Whether pages can be tested here. */
export const hasBrowser = executablePath !== undefined;

/** What a browser says of a server that does not answer for now. */
const connectionTrouble =
  /^WebSocket connection to '[^']*' failed: |^Failed to load resource: net::ERR_(?:CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)$/u;

/** A page of a browser, with what went wrong in it. */
export class TestPage {
  readonly page: Page;
  /** Errors that nobody caught, and what the console says of errors; not that a server does not answer. */
  readonly errors: string[] = [];

  constructor(page: Page) {
    this.page = page;
    // Less than a test may take, so that it is said what was waited for.
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => {
      this.errors.push(String(error));
    });
    page.on('console', (message) => {
      if (message.type() !== 'error' || connectionTrouble.test(message.text())) return;
      this.errors.push(message.text());
    });
  }
}

/** A real Chromium without a window. One is enough for all tests of a file. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<TestBrowser> {
    // Root, as whom tests may run, gets no sandbox; the pages are our own.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new TestBrowser(
      await chromium.launch({ ...(executablePath !== undefined && { executablePath }), args }),
    );
  }

  /** Opens a page, in a profile of its own. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<TestPage> {
    const context = await this.#browser.newContext({ ignoreHTTPSErrors: true, ...options });
    const testPage = new TestPage(await context.newPage());
    await testPage.page.goto(url);
    return testPage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
