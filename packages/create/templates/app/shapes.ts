/** Captioned images to begin with: a colored shape on a plain background. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePng, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

type Rgb = readonly [red: number, green: number, blue: number];

const COLORS: Readonly<Record<string, Rgb>> = {
  red: [214, 40, 40],
  orange: [245, 140, 20],
  yellow: [250, 215, 60],
  green: [40, 150, 70],
  blue: [45, 90, 210],
  purple: [135, 60, 170],
};

const BACKGROUNDS: Readonly<Record<string, Rgb>> = {
  white: [250, 250, 250],
  gray: [140, 140, 140],
  black: [15, 15, 15],
};

/** Each returns true for the points inside it; a shape is centered, and reaches from -1 to 1. */
const SHAPES: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.88,
  triangle: (x, y) => y < 0.88 && Math.abs(x) < (y + 1) / 1.88,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1,
};

const SIDE = 64;
/** Points per pixel and axis, for smooth edges. */
const SAMPLES = 3;

/** Writes `count` images and their captions into a folder: `001.png` with `001.txt` beside it. */
export async function writeShapes(folder: string, count: number, seed = 1): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const { caption, image } = drawShape(createRng(seed).fork(i));
    const path = join(folder, String(i + 1).padStart(3, '0'));
    await writePng(`${path}.png`, image);
    await writeFile(`${path}.txt`, `${caption}\n`);
  }
}

function drawShape(rng: Rng): { caption: string; image: RgbImage } {
  const pick = <T>(choices: Readonly<Record<string, T>>): [name: string, choice: T] => {
    const entries = Object.entries(choices);
    return entries[Math.floor(rng.uniform() * entries.length)];
  };
  const [color, foreground] = pick(COLORS);
  const [shape, isInside] = pick(SHAPES);
  const [ground, background] = pick(BACKGROUNDS);
  const between = (from: number, to: number): number => from + (to - from) * rng.uniform();
  // Fractions of the image's side.
  const radius = between(0.24, 0.36);
  const [centerX, centerY] = [between(0.45, 0.55), between(0.45, 0.55)];

  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    let inside = 0;
    for (let j = 0; j < SAMPLES * SAMPLES; j++) {
      const x = ((i % SIDE) + ((j % SAMPLES) + 0.5) / SAMPLES) / SIDE;
      const y = (Math.floor(i / SIDE) + (Math.floor(j / SAMPLES) + 0.5) / SAMPLES) / SIDE;
      if (isInside((x - centerX) / radius, (y - centerY) / radius)) inside++;
    }
    const share = inside / (SAMPLES * SAMPLES);
    data.set(
      foreground.map((value, c) => Math.round(share * value + (1 - share) * background[c])),
      i * 3,
    );
  }
  return {
    caption: `${color === 'orange' ? 'an' : 'a'} ${color} ${shape} on ${ground}`,
    image: { width: SIDE, height: SIDE, data },
  };
}
