import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectEngine } from '@transfusion/engine';
import { silence } from '@transfusion/terminal';
import { expect, test } from 'vitest';
import { runDemo } from './demo.js';
import { openDemoSet } from './demo-set.js';
import { fitToTime } from './fit-to-time.js';
import { quickSettings } from './settings.js';

test('trains, generates, captions, and writes the page', { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'demo-'));
  const printed: string[] = [];
  try {
    const terminal = { ...silence(), write: (text: string) => void printed.push(text) };
    const figures = await runDemo(terminal, quickSettings(1), directory);
    expect(figures.losses.last['tokens']).toBeLessThan(figures.losses.first['tokens']);
    expect(figures.captions).toHaveLength(2);
    const page = await readFile(figures.page, 'utf8');
    expect(page).toContain('red heart, noto');
    expect(page).toContain(figures.captions[0].expected);
    expect(page.match(/<img /g)!.length).toBeGreaterThan(80);
    expect(page).toContain('draw this in the noto style');
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(printed.join('')).toContain(figures.page);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('fits the steps to the time, within bounds', { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'demo-'));
  try {
    await selectEngine('auto');
    const settings = quickSettings(1);
    const set = openDemoSet(settings.imageSize);
    expect(await fitToTime(settings, set, join(directory, 'none'))).toBe(settings);
    const long = { ...settings, steps: 100 };
    const [short, longer] = [
      await fitToTime({ ...long, trainSeconds: 0.001 }, set, join(directory, 'short')),
      await fitToTime({ ...long, trainSeconds: 1e6 }, set, join(directory, 'longer')),
    ];
    expect([short.steps, longer.steps]).toEqual([600, 4800]);
    expect(short.samplesEvery).toBe(100);
  } finally {
    await rm(directory, { recursive: true });
  }
});
