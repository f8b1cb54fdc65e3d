/** Rule-based image edits, with instructions and exact results. */
import type { RgbImage } from '@transfusion/modality-image';

/** A rule-based edit. */
export interface ImageRule {
  /** Its name in reports, such as `mirror`. */
  readonly name: string;
  /** Wordings of the instruction, the simplest first. */
  readonly instructions: readonly string[];
  apply(image: RgbImage): RgbImage;
}

/** The built-in rules: flips (`mirror`, `upside-down`), grayscale (`gray`) and swaps of two color channels. */
export const imageRules: readonly ImageRule[] = [
  {
    name: 'mirror',
    instructions: ['mirror it', 'flip it left to right', 'flip it horizontally', 'show its mirror image'],
    apply: (image) => mapPositions(image, (x, y) => [image.width - 1 - x, y]),
  },
  {
    name: 'upside-down',
    instructions: ['flip it upside down', 'flip it top to bottom', 'flip it vertically'],
    apply: (image) => mapPositions(image, (x, y) => [x, image.height - 1 - y]),
  },
  {
    name: 'gray',
    instructions: ['make it grey', 'make it black and white', 'take its colours away', 'remove the colours'],
    apply: (image) =>
      mapColors(image, (red, green, blue) => {
        // Luma of Rec. 601, as in JPEG.
        const luma = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
        return [luma, luma, luma];
      }),
  },
  swapChannels('red', 'blue', (red, green, blue) => [blue, green, red]),
  swapChannels('red', 'green', (red, green, blue) => [green, red, blue]),
  swapChannels('green', 'blue', (red, green, blue) => [red, blue, green]),
];

type Rgb = readonly [red: number, green: number, blue: number];

function swapChannels(one: string, other: string, color: (...rgb: Rgb) => Rgb): ImageRule {
  return {
    name: `${one}-${other}`,
    instructions: [
      `swap ${one} and ${other}`,
      `exchange ${one} and ${other}`,
      `make ${one} ${other} and ${other} ${one}`,
    ],
    apply: (image) => mapColors(image, color),
  };
}

/** Moves pixels: each comes from the position that `from` returns. */
function mapPositions(
  { width, height, data }: RgbImage,
  from: (x: number, y: number) => readonly [x: number, y: number],
): RgbImage {
  const result = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = from(x, y);
      const at = (fromY * width + fromX) * 3;
      result.set(data.subarray(at, at + 3), (y * width + x) * 3);
    }
  }
  return { width, height, data: result };
}

/** Maps the color of each pixel. */
function mapColors({ width, height, data }: RgbImage, color: (...rgb: Rgb) => Rgb): RgbImage {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) result.set(color(data[i], data[i + 1], data[i + 2]), i);
  return { width, height, data: result };
}
