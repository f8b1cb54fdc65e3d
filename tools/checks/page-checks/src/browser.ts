/** Chromium, where it is installed, and what every test of the page checks. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** True where there is no Chromium: `apt-get install chromium` installs it. */
export const lacksChromium = executablePath === undefined;

/** Starts the browser. */
export function startBrowser(): Promise<Browser> {
  // Without a sandbox, since tests run as root in containers.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** A page whose errors are collected. */
export interface WatchedPage {
  readonly page: Page;
  /** Expects no error on the console, and none in the page's own code, but those that match. */
  expectNoErrors(...allowed: readonly RegExp[]): void;
}

/** Options of a new page. */
export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly hash?: string;
  readonly deviceScaleFactor?: number;
}

/** Opens the page in a profile of its own; resolves when the models are ready. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 860, colorScheme = 'light', hash = '', deviceScaleFactor = 1 }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor,
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${url}/${hash}`);
  return {
    page,
    expectNoErrors: (...allowed) =>
      expect(errors.filter((error) => !allowed.some((pattern) => pattern.test(error)))).toEqual([]),
  };
}

/** Fills the prompt and its settings, and generates. */
export async function generate(
  page: Page,
  {
    mode,
    prompt,
    steps,
  }: { readonly mode?: 'Image' | 'Text' | 'Auto'; readonly prompt?: string; readonly steps?: number },
): Promise<void> {
  if (mode !== undefined) await page.getByRole('radio', { name: mode }).check();
  if (steps !== undefined) await page.getByLabel('Steps', { exact: true }).fill(String(steps));
  if (prompt !== undefined) await page.getByLabel('Prompt', { exact: true }).fill(prompt);
  await page.keyboard.press('Control+Enter');
}

/** Waits for a finished image. */
export async function finishedImage(page: Page): Promise<string> {
  const image = page.locator('.stage img[data-state=final]').first();
  await image.waitFor({ timeout: 60_000 });
  return bytesOf(image);
}

/**
 * Returns the pixels of an image that is shown, as a file in base64. They are painted, since the page's policy keeps scripts
 * from fetching it, from the element itself, since the page may drop the image's address for the next one's at any time.
 */
async function bytesOf(image: Locator): Promise<string> {
  return image.evaluate(async (element: HTMLImageElement) => {
    while (!element.complete || element.naturalWidth === 0) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    const canvas = Object.assign(document.createElement('canvas'), {
      width: element.naturalWidth,
      height: element.naturalHeight,
    });
    canvas.getContext('2d')!.drawImage(element, 0, 0);
    return canvas.toDataURL();
  });
}
