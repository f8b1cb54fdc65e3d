/**
 * `edit` and `inpaint`, with a model trained for one step: the quality of its images does not matter here.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage, writePng, type RgbImage } from '@transfusion/modality-image';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runProgram } from '../../program.js';

let folder: string;
let printed: string[];
let complaints: string;
const path = (name: string): string => join(folder, name);

/** Runs a command in this process. */
const run = (...args: string[]): Promise<unknown> => runProgram(args);

/** Runs a command and reads the image it writes. */
async function generateImage(...args: string[]): Promise<RgbImage> {
  const out = path('out/image.png');
  await run(...args, '--steps', '2', '--out', out);
  expect(printed).toEqual([out]);
  printed = [];
  return readImage(out);
}

/** Creates an image whose pixel at `x`, `y` has the color [10 x, 10 y, 99]. */
function gradient(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++)
    data.set([(i % width) * 10, Math.floor(i / width) * 10, 99], i * 3);
  return { width, height, data };
}

/** Creates a mask that is white where `isMasked` returns true. */
function maskOf(width: number, height: number, isMasked: (x: number, y: number) => boolean): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    if (isMasked(i % width, Math.floor(i / width))) data.fill(255, i * 3, i * 3 + 3);
  }
  return { width, height, data };
}

/** Returns for each pixel of the first image whether the second has an equal one. */
function equalPixels(a: RgbImage, b: RgbImage): boolean[] {
  return Array.from({ length: a.width * a.height }, (_, i) =>
    [0, 1, 2].every((channel) => a.data[i * 3 + channel] === b.data[i * 3 + channel]),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfusion-edit-'));
  const squares = await readFile(new URL('../../testing-internals/squares.ts', import.meta.url), 'utf8');
  await writeFile(path('squares.ts'), squares);
  vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (complaints += String(text)) !== '');
  printed = [];
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await run('train', path('squares.ts'), '--steps', '1', '--directory', path('run'));
  vi.mocked(process.stdout.write).mockRestore();
  await writePng(path('image.png'), gradient(8, 8));
  await writePng(path('large.png'), gradient(16, 16));
  await writePng(
    path('hole.png'),
    maskOf(8, 8, (x, y) => x >= 3 && y < 5),
  );
  await writePng(
    path('large-hole.png'),
    maskOf(16, 16, (x) => x === 15),
  );
  await writePng(
    path('black.png'),
    maskOf(8, 8, () => false),
  );
  await writeFile(path('broken.png'), 'no image');
}, 60_000);

beforeEach(() => {
  printed = [];
  complaints = '';
});

afterAll(() => {
  vi.restoreAllMocks();
});

describe('edit', () => {
  test('generates an image of the same shape that depends only on the arguments', async () => {
    const edit = (instruction: string, ...more: string[]): Promise<RgbImage> =>
      generateImage('edit', path('run'), path('image.png'), instruction, ...more);
    const first = await edit('red');
    expect(first).toMatchObject({ width: 8, height: 8 });
    expect(await edit('red')).toEqual(first);
    expect(await edit('red', '--seed', '1')).not.toEqual(first);
    expect(await edit('blue')).not.toEqual(first);
    expect(await edit('red', '--image-guidance', '1.5')).not.toEqual(first);
    expect(await edit('red', '--image-guidance', '3')).toEqual(first);
    expect(await edit('red', '--guidance', '1')).not.toEqual(first);
    expect(await edit('red', '--guidance-interval', '0,100')).not.toEqual(first);
    expect(await edit('red', '--negative-prompt', 'blue', '--guidance', '20')).not.toEqual(
      await edit('red', '--guidance', '20'),
    );
    expect(await edit('red', '--scheduler', 'flow-heun')).not.toEqual(first);
    expect(await edit('red', '--top-k', '1')).toEqual(first);
  });

  test('tiles several images into a grid', async () => {
    const grid = await generateImage('edit', path('run'), path('image.png'), 'red', '--count', '3');
    expect(grid).toMatchObject({ width: 18, height: 18 });
  });

  test.each([
    [['nowhere', 'image.png', 'red'], 'nowhere: there is no checkpoint'],
    [['run', 'none.png', 'red'], 'none.png: cannot be read'],
    [['run', 'broken.png', 'red'], /broken\.png: not a readable image/],
  ])('refuses %j', async ([at, file, instruction], message) => {
    await expect(run('edit', path(at), path(file), instruction)).rejects.toThrow(message);
  });
});

describe('inpaint', () => {
  const inpaint = (file: string, ...more: string[]): Promise<RgbImage> =>
    generateImage('inpaint', path('run'), path(file), ...more);

  test('generates the white pixels of the mask and leaves the others unchanged', async () => {
    const options = ['--mask', path('hole.png'), '--prompt', 'red'];
    const first = await inpaint('image.png', ...options);
    const isKnown = Array.from({ length: 64 }, (_, i) => i % 8 < 3 || i >= 40);
    expect(equalPixels(first, gradient(8, 8))).toEqual(isKnown);
    expect(await inpaint('image.png', ...options)).toEqual(first);
    const second = await inpaint('image.png', ...options, '--seed', '1');
    expect(equalPixels(first, second)).toEqual(isKnown);
    expect(await inpaint('image.png', ...options, '--resample', '1')).not.toEqual(first);
    expect(await inpaint('image.png', ...options, '--sampler', 'flow-heun')).not.toEqual(first);
    expect(await inpaint('image.png', '--mask', path('hole.png'))).not.toEqual(first);
  });

  test('a larger image is scaled to the size of the model', async () => {
    const inpainted = await inpaint('large.png', '--mask', path('large-hole.png'));
    expect(inpainted).toMatchObject({ width: 8, height: 8 });
    const other = await inpaint('large.png', '--mask', path('large-hole.png'), '--seed', '1');
    expect(equalPixels(inpainted, other)).toEqual(Array.from({ length: 64 }, (_, i) => i % 8 < 7));
  });

  test.each([
    [
      ['image.png', '--mask', 'large-hole.png'],
      /large-hole\.png: the mask is 16x16 pixels, expected 8x8, the size of .*image\.png\./,
    ],
    [['image.png', '--mask', 'black.png'], /black\.png: the mask has no white pixel/],
    [['image.png', '--mask', 'broken.png'], /broken\.png: not a readable image/],
  ])('refuses %j', async (args, message) => {
    const named = args.map((arg) => (arg.endsWith('.png') ? path(arg) : arg));
    await expect(run('inpaint', path('run'), ...named)).rejects.toThrow(message);
  });

  test.each([
    [[], "required option '--mask <file>' not specified"],
    [['--mask', 'hole.png', '--extend', '1,1,1,1'], "unknown option '--extend'"],
    [['--mask', 'hole.png', '--resample', '0'], 'Expected an integer of at least 1.'],
    [
      ['--mask', 'hole.png', '--guidance-interval', '800,200'],
      'Expected two numbers, the smaller first, such as 200,800.',
    ],
  ])('refuses %j with a hint', async (args, message) => {
    await expect(run('inpaint', 'run', 'image.png', ...args)).rejects.toBeInstanceOf(CommanderError);
    expect(complaints).toContain(message);
  });
});
