/** The page for everybody: by keyboard, by screen reader, on a phone; with a key; and when the server is gone. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { startServer } from '@transfusion/serving/start-server';
import { describe, expect, it } from 'vitest';
import { finishedImage, generate, lacksChromium, openPage } from './browser.js';
import { serverAndBrowser } from './started.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Lists what axe finds wrong, rule by rule. */
async function axeProblems(page: Page): Promise<string[]> {
  // The page's policy refuses scripts of the document, but not those of the debugger.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: engine } = window as unknown as { readonly axe: typeof import('axe-core') };
    const { violations } = await engine.run();
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
  });
}

describe.skipIf(lacksChromium)('the page for everybody (skipped where Chromium is not installed)', () => {
  const started = serverAndBrowser();

  it.each(['light', 'dark'] as const)(
    'is clean for axe in %s colors, in each of its states',
    async (colorScheme) => {
      const { page, expectNoErrors } = await openPage(started.browser, started.server.url, { colorScheme });
      await page.getByText('Ready', { exact: true }).waitFor();
      expect(await axeProblems(page)).toEqual([]);
      await page.getByText('More settings').click();
      await generate(page, { mode: 'Image', prompt: 'red apple, noto', steps: 4 });
      await finishedImage(page);
      await page.getByLabel('Guidance', { exact: true }).fill('-1');
      expect(await axeProblems(page)).toEqual([]);
      await page.getByRole('button', { name: 'How it was made' }).click();
      await page.locator('.tile').click();
      expect(await axeProblems(page)).toEqual([]);
      await page.getByRole('button', { name: 'Reply', exact: true }).click();
      await page.getByRole('button', { name: 'Inpaint' }).click();
      await page.getByRole('application').waitFor();
      expect(await axeProblems(page)).toEqual([]);
      expectNoErrors();
    },
  );

  it.each([360, 768])('scrolls in one direction alone at a width of %i', async (width) => {
    const { page, expectNoErrors } = await openPage(started.browser, started.server.url, {
      width,
      height: 740,
    });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await page.getByText('More settings').click();
    expect(await overflow()).toBeLessThanOrEqual(0);
    const prompt = `red apple, noto ${'w'.repeat(90)}`;
    await generate(page, { mode: 'Image', prompt, steps: 3 });
    await finishedImage(page);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'How it was made' }).click();
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Reply', exact: true }).click();
    await page.getByRole('button', { name: 'Inpaint' }).click();
    const dialog = (await page.getByRole('dialog').boundingBox())!;
    expect(dialog.x + dialog.width).toBeLessThanOrEqual(width);
    expectNoErrors();
  });

  it('is used by keyboard alone: prompt, stop, mask, gallery, without a jump of the focus', async () => {
    const { page, expectNoErrors } = await openPage(started.browser, started.server.url);
    await page.getByText('Ready', { exact: true }).waitFor();
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.className);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('prompt');
    for (const prompt of ['red apple, noto', 'green leaf, noto']) {
      await page.keyboard.press('Control+a');
      await page.keyboard.type(prompt);
      await page.keyboard.press('Control+Enter');
      await page.getByRole('button', { name: `${prompt}, seed` }).waitFor();
      expect(await focused()).toBe('prompt');
    }
    // From the fields of settings, too.
    await page.getByLabel('Steps', { exact: true }).focus();
    await page.keyboard.type('150');
    await page.keyboard.press('Control+Enter');
    await page.locator('.stage img[data-state=preview]').waitFor();
    expect(await focused()).toBe('setting-steps');
    await page.keyboard.press('Escape');
    await page.getByText('Stopped. What was finished is kept.').waitFor();

    const pressed = page.locator('.tile[aria-pressed=true]');
    await page.locator('.tile').first().focus();
    await page.keyboard.press('Enter');
    expect(await pressed.getAttribute('aria-label')).toContain('green leaf');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => pressed.getAttribute('aria-label')).toContain('red apple');
    await page.keyboard.press('Delete');
    await expect.poll(() => page.locator('.tile').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.locator('.tile').count()).toBe(2);

    await page.getByRole('button', { name: 'Inpaint' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await expect.poll(() => page.getByRole('button', { name: 'Undo (Ctrl+Z)' }).isEnabled()).toBe(true);
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Change the mask' }).waitFor();
    expectNoErrors();
  });

  it('shows sounds, texts and files by their media type', async () => {
    const { page, expectNoErrors } = await openPage(started.browser, started.server.url);
    await page.route('**/v1/responses', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: replyOfFiles() }),
    );
    await generate(page, { mode: 'Auto', prompt: 'a tone' });
    await page.locator('audio').waitFor();
    const columns = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.spectrogram')!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, 1, canvas.height);
        return new Set(data).size;
      });
    await expect.poll(columns).toBeGreaterThan(10);
    await page.getByText('x,y').waitFor();
    await page.getByText('model/gltf-binary').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).last().click();
    expect((await download).suggestedFilename()).toMatch(/^a-tone-\d+-2\.bin$/);
    expectNoErrors(/willReadFrequently/);
  });

  it('explains failures, and finds the server again', async () => {
    const own = await startServer();
    const { page, expectNoErrors } = await openPage(started.browser, own.url);
    await page.getByText('Ready', { exact: true }).waitFor();
    await generate(page, { mode: 'Image', prompt: 'red apple, noto', steps: 999 });
    await page.getByRole('alert').getByText('num_inference_steps').waitFor();
    await page.getByLabel('Steps', { exact: true }).fill('200');
    await generate(page, {});
    await page.locator('.stage img[data-state=preview]').waitFor();
    await own.kill();
    await page.getByText('The connection broke in the middle of the reply').first().waitFor();
    await page.getByText('The server cannot be reached.').waitFor();
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('red apple, noto');
    const again = await startServer([], { port: Number(new URL(own.url).port) });
    await page.getByText('Ready', { exact: true }).waitFor({ timeout: 20_000 });
    await generate(page, { steps: 3 });
    await finishedImage(page);
    await again.kill();
    expectNoErrors(/Failed to load resource/);
  }, 90_000);

  it('asks for a key, once for each tab', async () => {
    const locked = await startServer(['--api-key', 'sk-right']);
    const { page, expectNoErrors } = await openPage(started.browser, locked.url);
    const dialog = page.getByRole('dialog', { name: 'API key' });
    await dialog.getByLabel('Key', { exact: true }).fill('sk-wrong');
    await page.keyboard.press('Enter');
    await dialog.getByText('The server does not know this key.').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await dialog.getByLabel('Key', { exact: true }).fill('sk-right');
    await page.keyboard.press('Enter');
    await page.getByText('Ready', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('Ready', { exact: true }).waitFor();
    await generate(page, { mode: 'Image', prompt: 'red apple, noto', steps: 2 });
    await finishedImage(page);
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sk-right');
    expectNoErrors(/401/);
    await locked.kill();
  }, 60_000);
});

/** Returns the events of a reply with a sound, a text file and a file of an unknown kind. */
function replyOfFiles(): string {
  const rate = 8000;
  const samples = Int16Array.from(
    { length: rate },
    (_, i) => 12_000 * Math.sin((2 * Math.PI * 440 * i) / rate),
  );
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, rate],
    [28, 2 * rate],
    [40, samples.byteLength],
  ])
    header.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ])
    header.writeUInt16LE(value, at);
  header.write('data', 36);
  const wav = Buffer.concat([header, Buffer.from(samples.buffer)]);
  const files: readonly (readonly [mediaType: string, bytes: Buffer])[] = [
    ['audio/wav', wav],
    ['text/csv', Buffer.from('x,y\n1,2\n')],
    ['model/gltf-binary', Buffer.from('glTF')],
  ];
  const items = files.map(([media_type, bytes], output_index) => ({
    type: 'response.output_item.done',
    output_index,
    item: { type: 'output_file', media_type, result: bytes.toString('base64') },
  }));
  const response = { model: 'emoji', usage: { input_tokens: 1, output_tokens: 2 } };
  const events = [{ type: 'response.created', response }, ...items, { type: 'response.completed', response }];
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
}
