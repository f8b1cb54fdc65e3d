/** Sizes of images, with a model of three shapes that was trained for one step. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage, writePng, type RgbImage } from '@transfusion/modality-image';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runProgram } from '../../program.js';

let folder: string;
const path = (name: string): string => join(folder, name);

/** Runs a command in this process. */
const run = (...args: string[]): Promise<unknown> => runProgram(args);

/** Runs a command and reads the image it writes. */
async function generateImage(...args: string[]): Promise<RgbImage> {
  await run(...args, '--steps', '2', '--out', path('image.png'));
  return readImage(path('image.png'));
}

const sample = (...options: string[]): Promise<RgbImage> =>
  generateImage('sample', path('run'), 'red', ...options);

const gray = (width: number, height: number, value = 99): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-sizes-'));
  const squares = await readFile(new URL('../../testing-internals/squares.ts', import.meta.url), 'utf8');
  const shapes = 'latentShapes: [[8, 8, 3], [8, 12, 3], [12, 8, 3]]';
  await writeFile(path('shapes.ts'), squares.replace('latentShapes: [[8, 8, 3]]', shapes));
  vi.spyOn(console, 'log').mockReturnValue();
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await run('train', path('shapes.ts'), '--steps', '1', '--directory', path('run'));
  await writePng(path('wide.png'), gray(30, 20));
  await writePng(path('mask.png'), gray(30, 20, 255));
}, 60_000);

afterAll(() => {
  vi.restoreAllMocks();
});

test('sample generates the requested size, or one that the model chooses', async () => {
  expect(await sample('--size', '12x8')).toMatchObject({ width: 12, height: 8 });
  expect(await sample('--size', '8x12')).toMatchObject({ width: 8, height: 12 });
  const chosen = await sample();
  expect(['8x8', '12x8', '8x12']).toContain(`${chosen.width}x${chosen.height}`);
  expect(await sample()).toEqual(chosen);
});

test('an unknown size is refused with a list of the sizes', async () => {
  await expect(sample('--size', '16x16')).rejects.toThrow(
    "--size is 16x16, expected a size of 'image': 8x8, 12x8, 8x12.",
  );
});

test.each(['12', '12x', '0x8', '12x8x3', 'large'])('--size %s is refused with a hint', async (size) => {
  await expect(sample('--size', size)).rejects.toBeInstanceOf(CommanderError);
  const complaints = vi.mocked(process.stderr.write).mock.calls.map(([text]) => String(text));
  expect(complaints.join('')).toContain(
    `argument '${size}' is invalid. Expected a width and a height in pixels, such as 96x64.`,
  );
});

test('edit and inpaint keep the shape of their image', async () => {
  expect(await generateImage('edit', path('run'), path('wide.png'), 'red')).toMatchObject({
    width: 12,
    height: 8,
  });
  const inpaint = ['inpaint', path('run'), path('wide.png'), '--mask', path('mask.png')];
  expect(await generateImage(...inpaint)).toMatchObject({ width: 12, height: 8 });
});
