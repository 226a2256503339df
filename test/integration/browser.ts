/** A real browser for tests: Debian's chromium, driven by playwright-core. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const NO_BROWSER = 'chromium is not on this machine: apt-get install chromium';

/** Path of the browser; null if there is none. */
export function findBrowser(): string | null {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)];
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Starts it with an empty profile of its own. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser()!, args: FLAGS });
}

/** What went wrong in a page, and which hosts it asked; answers that were given up are not wrong. */
export interface PageLog {
  problems: string[];
  hosts: Set<string>;
}

export function watch(page: Page): PageLog {
  const log: PageLog = { problems: [], hosts: new Set() };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      log.problems.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => log.problems.push(`error: ${error.message}`));
  page.on('crash', () => log.problems.push('the page crashed'));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:') log.hosts.add(host);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') log.problems.push(`${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) log.problems.push(`${response.url()}: ${response.status()}`);
  });
  return log;
}

/**
 * Opens a page of the viewer, runs the test, and demands that nothing went wrong and nobody else was
 * asked. The browser may be launched later.
 */
export function pageOpener(browser: () => Browser) {
  return async (
    url: string,
    options: BrowserContextOptions,
    work: (page: Page, log: PageLog) => Promise<void>,
  ): Promise<void> => {
    const context = await browser().newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(10_000);
    try {
      const page = await context.newPage();
      const log = watch(page);
      await page.goto(url);
      await page.locator('body[data-state="ready"]').waitFor();
      await work(page, log);
      assert.deepEqual(log.problems, []);
      assert.deepEqual([...log.hosts], [new URL(url).host]);
    } finally {
      await context.close();
    }
  };
}
