/** Takes the screenshots of the page that READMEs show: `npm run screenshots`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from '@transfusion/serving/start-server';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import {
  finishedImage,
  generate,
  lacksChromium,
  openPage,
  startBrowser,
  type PageOptions,
} from './browser.js';

const folder = fileURLToPath(new URL('../../../../docs/page/', import.meta.url));

/** Prompts of the gallery, last one first. */
const prompts = [
  'tiger face, fluent',
  'sunflower, twemoji',
  'green leaf, noto',
  'rocket, noto',
  'red apple, noto',
];

if (lacksChromium) throw new Error('There is no Chromium at /usr/bin/chromium: apt-get install chromium.');
mkdirSync(folder, { recursive: true });
const server = await startServer(['--browser']);
const browser = await startBrowser();
try {
  for (const colorScheme of ['light', 'dark'] as const) await takeDesktop({ colorScheme }, colorScheme);
  const { page } = await open({ width: 390, height: 844 });
  await fillGallery(page, prompts.slice(-2));
  await save(page, 'phone');
} finally {
  await browser.close();
  await server.kill();
}

async function open(options: PageOptions) {
  const opened = await openPage(browser, server.url, { ...options, deviceScaleFactor: 1.5 });
  await opened.page.getByText('Ready', { exact: true }).waitFor({ state: 'attached' });
  return opened;
}

async function takeDesktop(options: PageOptions, name: string): Promise<void> {
  const { page } = await open({ ...options, width: 1240, height: 860 });
  await fillGallery(page, prompts);
  await save(page, name);
  await page.getByRole('button', { name: 'How it was made' }).click();
  await save(page, `${name}-how`);
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await page.getByRole('button', { name: 'Inpaint' }).click();
  const { x, y, width, height } = (await page.getByRole('application').boundingBox())!;
  await page.mouse.move(x + width * 0.25, y + height * 0.65);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height * 0.75, { steps: 4 });
  await page.mouse.move(x + width * 0.75, y + height * 0.6, { steps: 4 });
  await page.mouse.up();
  await save(page, `${name}-mask`);
  await page.getByRole('button', { name: 'Cancel' }).click();
}

async function fillGallery(page: Page, all: readonly string[]): Promise<void> {
  await page.getByLabel('Seed', { exact: true }).fill('1');
  for (const prompt of all) {
    await generate(page, { mode: 'Image', prompt, steps: 50 });
    await page.getByRole('button', { name: `${prompt}, seed` }).waitFor();
    await finishedImage(page);
  }
}

/** Saves what is on the screen, small enough for the repository. */
async function save(page: Page, name: string): Promise<void> {
  const bytes = await page.screenshot({ animations: 'disabled' });
  await sharp(bytes)
    .png({ palette: true, colors: 128, compressionLevel: 9, effort: 10 })
    .toFile(join(folder, `${name}.png`));
}
