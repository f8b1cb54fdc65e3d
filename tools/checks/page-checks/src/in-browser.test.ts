/** The model in the browser, on wasm. */
import type { Page, Route } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { finishedImage, generate, lacksChromium, openPage } from './browser.js';
import { serverAndBrowser } from './started.js';
import { differenceOf, differingRows } from './pixels.js';
import { rendererMegabytes } from './renderer-memory.js';

const PROMPT = 'red apple, noto';

describe.skipIf(lacksChromium)(
  'the model in Chromium (skipped where it is not installed)',
  { timeout: 240_000 },
  () => {
    const started = serverAndBrowser('--browser');

    const open = async (options?: Parameters<typeof openPage>[2]) => {
      const opened = await openPage(started.browser, started.server.url, options);
      // Each model takes half a gigabyte.
      onTestFinished(() => opened.page.context().close());
      opened.page.setDefaultTimeout(20_000);
      await ready(opened.page);
      return opened;
    };
    const image = async (page: Page, seed = 7): Promise<string> => {
      await page.getByLabel('Seed', { exact: true }).fill(String(seed));
      await generate(page, { mode: 'Image', prompt: PROMPT });
      await page.locator('.stage[aria-busy=false]').waitFor({ timeout: 60_000 });
      return finishedImage(page);
    };
    const text = async (page: Page): Promise<string> => {
      await page.getByLabel('Seed', { exact: true }).fill('7');
      await generate(page, { mode: 'Text', prompt: 'red' });
      await page.locator('.stage[aria-busy=false] .reply-text').waitFor({ timeout: 60_000 });
      return page.locator('.reply-text').innerText();
    };

    it('generates what the server does, on one thread of a page that is not isolated', async () => {
      const { page, expectNoErrors } = await open();
      await page.route('**/*', withoutIsolation);
      await page.reload();
      await ready(page);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
      const fromServer = { image: await image(page), text: await text(page) };
      await runHere(page);
      await page.getByText('Runs on the processor of this device.').waitFor();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      const here = { image: await image(page), text: await text(page) };
      expect(here.text).toBe(fromServer.text);
      expect(await differenceOf(here.image, fromServer.image)).toBeLessThanOrEqual(2);
      expect(requests.filter((url) => /responses|images|chat/.test(url))).toEqual([]);
      await page.getByText('in this browser', { exact: true }).waitFor();
      expectNoErrors();
    });

    it('shows previews, edits, inpaints and stops', async () => {
      const { page, expectNoErrors } = await open();
      await runHere(page);
      await page.getByLabel('Steps', { exact: true }).selectOption('10');
      await generate(page, { mode: 'Image', prompt: PROMPT });
      await page.locator('.stage img[data-state=preview]').waitFor();
      const original = await finishedImage(page);
      await page.getByRole('button', { name: 'Edit' }).click();
      await generate(page, { prompt: 'draw this in the fluent style' });
      await page.getByText('1 input image').waitFor();
      expect(await finishedImage(page)).not.toBe(original);
      await page.getByRole('button', { name: 'Paint a mask' }).click();
      const { x, y, width, height } = (await page.getByRole('application').boundingBox())!;
      await page.mouse.move(x + width * 0.2, y + height * 0.8);
      await page.mouse.down();
      await page.mouse.move(x + width * 0.8, y + height * 0.8, { steps: 5 });
      await page.mouse.up();
      await page.getByRole('button', { name: 'Use the mask' }).click();
      await generate(page, { prompt: 'green grass' });
      await page.getByText('green grass', { exact: true }).first().waitFor();
      const rows = await differingRows(original, await finishedImage(page));
      expect(rows.length).toBeGreaterThan(0);
      expect(Math.min(...rows)).toBeGreaterThan(30);
      await page.getByLabel('Steps', { exact: true }).selectOption('100');
      await generate(page, {});
      await page.locator('.stage img[data-state=preview]').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('Stopped. What was finished is kept.').waitFor();
      expectNoErrors();
    });

    it('explains a worker that the browser ends, and starts it again', async () => {
      const { page } = await open();
      await runHere(page);
      await page.getByLabel('Steps', { exact: true }).selectOption('100');
      await generate(page, { mode: 'Image', prompt: PROMPT });
      await page.locator('.stage img[data-state=preview]').waitFor();
      await page.workers()[0].evaluate(() => self.close());
      await page
        .getByText(/the model's worker ended while it was in use .* The next request starts it again/)
        .waitFor();
      await page.getByLabel('Steps', { exact: true }).selectOption('5');
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      for (let seed = 0; seed < 2; seed++) await image(page, seed);
      await page.getByText('Runs on the processor of this device.').waitFor();
      expect(requests.filter((url) => url.endsWith('/responses'))).toEqual([]);
    });

    it('keeps the files, and says so if there is no room', async () => {
      const { page } = await open();
      const downloads: string[] = [];
      page.on('response', (response) => {
        if (response.url().includes('onnx_data')) downloads.push(response.url());
      });
      await runHere(page);
      await page.reload();
      await runHere(page);
      expect(downloads).toHaveLength(1);

      const full = await open();
      const devtools = await full.page.context().newCDPSession(full.page);
      await devtools.send('Storage.overrideQuotaForOrigin', {
        origin: started.server.url,
        quotaSize: 1_000_000,
      });
      await runHere(full.page);
      await full.page.getByText('The browser has no room to keep the model').waitFor();
      await generate(full.page, { mode: 'Image', prompt: PROMPT });
      await finishedImage(full.page);
    });

    it.each([
      [
        'a missing file',
        'latent_denoiser_fp16.onnx',
        (route: Route) => route.fulfill({ status: 404 }),
        /latent_denoiser_fp16.onnx cannot be read \(status 404\)/,
      ],
      [
        'weights that are cut off',
        'onnx_data',
        changed((body) => body.subarray(0, 9999)),
        /weights_fp16.onnx_data: it has 9999 bytes, expected \d+ by config.json/,
      ],
      [
        'another shape',
        '/export/config.json',
        edited((config) => (config['head_dim'] = 7)),
        /expected \[any, 5, any, 7\] by config.json/,
      ],
      [
        'a later format',
        'config.json',
        edited((config) => (config['format_version'] = 2)),
        /format_version is 2, expected at most 1. Update/,
      ],
      [
        'an earlier format',
        'config.json',
        edited((config) => delete config['files']),
        /files is undefined, expected the sizes of all files. Export the model again/,
      ],
      [
        'a runtime that is missing',
        '.wasm',
        (route: Route) => route.fulfill({ status: 404 }),
        /ONNX Runtime does not start on wasm/,
      ],
    ])('explains %s, and goes on with the server', async (_, file, answer, message) => {
      const { page } = await open();
      await page.route(`**/*${file}`, answer);
      await page.getByRole('radio', { name: 'In this browser' }).check();
      await page.getByRole('alert').filter({ hasText: message }).waitFor({ timeout: 30_000 });
      expect(await page.getByRole('radio', { name: 'On the server' }).isChecked()).toBe(true);
      await generate(page, { mode: 'Image', prompt: PROMPT, steps: 5 });
      await finishedImage(page);
      // Nothing wrong is kept.
      await page.unroute(`**/*${file}`);
      await runHere(page);
    });

    it.each([
      ['one thread', withoutIsolation],
      ['as many threads as processors', undefined],
    ])('runs on %s', async (threads, route) => {
      const { page } = await open();
      if (route !== undefined) {
        await page.route('**/*', route);
        await page.reload();
      }
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(route === undefined);
      const loading = await secondsOf(() => runHere(page));
      const images: number[] = [];
      await page.getByLabel('Steps', { exact: true }).selectOption('25');
      for (let seed = 0; seed < 3; seed++) images.push(await secondsOf(() => image(page, seed)));
      await page.getByRole('button', { name: 'Edit' }).click();
      const caption = await secondsOf(() => text(page));
      expect(await page.locator('.reply-text').innerText()).toMatch(/\w{3}/);
      console.log(
        `in the browser, ${threads}: loaded in ${loading.toFixed(1)} s, ${median(images).toFixed(2)} s an image of 25 steps, ` +
          `${caption.toFixed(2)} s a caption, ${rendererMegabytes().toFixed(0)} MB`,
      );
    });

    it('makes twenty images on a small screen without growth', async () => {
      const { page } = await open({ width: 360, height: 740 });
      await runHere(page);
      await page.getByLabel('Steps', { exact: true }).selectOption('5');
      const memory: number[] = [];
      for (let seed = 0; seed < 20; seed++) {
        await image(page, seed);
        memory.push(rendererMegabytes());
      }
      console.log(`in the browser: ${memory.map((megabytes) => megabytes.toFixed(0)).join(', ')} MB`);
      expect(median(memory.slice(-5)) / median(memory.slice(5, 10))).toBeLessThan(1.1);
    });
  },
);

/** Waits for the model of the server; small screens have no room for the word. */
function ready(page: Page): Promise<void> {
  return page.locator('.status[data-state=ready]').waitFor({ state: 'attached' });
}

async function runHere(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'In this browser' }).check();
  await page.getByText('Runs on the processor of this device.').waitFor({ timeout: 60_000 });
}

/** Answers without the headers by which a page is isolated, as other servers do. */
async function withoutIsolation(route: Route): Promise<void> {
  const response = await route.fetch();
  const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin-'));
  await route.fulfill({ response, headers: Object.fromEntries(headers) });
}

function changed(change: (body: Buffer) => Buffer): (route: Route) => Promise<void> {
  return async (route) => {
    const response = await route.fetch();
    await route.fulfill({ status: 200, body: change(await response.body()) });
  };
}

function edited(edit: (config: Record<string, unknown>) => void): (route: Route) => Promise<void> {
  return changed((body) => {
    const config = JSON.parse(body.toString()) as Record<string, unknown>;
    edit(config);
    return Buffer.from(JSON.stringify(config));
  });
}

async function secondsOf(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
