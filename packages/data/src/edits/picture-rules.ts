/** Edits that a rule makes: of any picture, with the instruction and the result known exactly. */

/** A picture as rules take it, 8-bit sRGB: what `@transfusion/modality-image` calls an `RgbImage`. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** Row by row from the top, three bytes a pixel. */
  readonly data: Uint8Array;
}

/** One kind of edit. */
export interface PictureRule {
  /** For reports: `mirror`. */
  readonly name: string;
  /** Ways to ask for it, the plainest first. */
  readonly instructions: readonly string[];
  apply(picture: RgbPicture): RgbPicture;
}

/** Flips (`mirror`, `upside-down`) and recolouring (`grey`, exchanges of two of the colours red, green and blue). */
export const pictureRules: readonly PictureRule[] = [
  {
    name: 'mirror',
    instructions: ['mirror it', 'flip it left to right', 'flip it horizontally', 'show its mirror image'],
    apply: (picture) => rearranged(picture, (x, y) => [picture.width - 1 - x, y]),
  },
  {
    name: 'upside-down',
    instructions: ['flip it upside down', 'flip it top to bottom', 'flip it vertically'],
    apply: (picture) => rearranged(picture, (x, y) => [x, picture.height - 1 - y]),
  },
  {
    name: 'grey',
    instructions: ['make it grey', 'make it black and white', 'take its colours away', 'remove the colours'],
    apply: (picture) =>
      recoloured(picture, (red, green, blue) => {
        // Rec. 601, as television and JPEG weigh them.
        const luma = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
        return [luma, luma, luma];
      }),
  },
  exchange('red', 'blue', (red, green, blue) => [blue, green, red]),
  exchange('red', 'green', (red, green, blue) => [green, red, blue]),
  exchange('green', 'blue', (red, green, blue) => [red, blue, green]),
];

type Rgb = readonly [red: number, green: number, blue: number];

function exchange(one: string, other: string, colour: (...rgb: Rgb) => Rgb): PictureRule {
  return {
    name: `${one}-${other}`,
    instructions: [
      `swap ${one} and ${other}`,
      `exchange ${one} and ${other}`,
      `make ${one} ${other} and ${other} ${one}`,
    ],
    apply: (picture) => recoloured(picture, colour),
  };
}

/** Each pixel from somewhere else. */
function rearranged(
  { width, height, data }: RgbPicture,
  from: (x: number, y: number) => readonly [x: number, y: number],
): RgbPicture {
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

/** Each pixel in a colour that follows from its own. */
function recoloured({ width, height, data }: RgbPicture, colour: (...rgb: Rgb) => Rgb): RgbPicture {
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) result.set(colour(data[i], data[i + 1], data[i + 2]), i);
  return { width, height, data: result };
}
