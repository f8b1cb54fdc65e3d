/**
 * Faces of 16 × 16 pixels with exact attributes, as many as one likes: DiceBear's style Pixel Art (the design is CC0 1.0).
 * Captions name some of the attributes: `blue hat, glasses, red shirt`.
 */
import { createAvatar } from '@dicebear/core';
import * as pixelArt from '@dicebear/pixel-art';
import type { DocumentSource } from '@transfusion/data';
import { decodeImage, type RgbImage } from '@transfusion/modality-image';
import { createRng, type Rng } from '@transfusion/nn';

/** Colors of shirts and hats. */
export const AVATAR_COLORS = ['red', 'green', 'blue', 'yellow'] as const;

/** Color of a shirt or hat. */
export type AvatarColor = (typeof AVATAR_COLORS)[number];

/** Attributes of a face. */
export interface AvatarAttributes {
  readonly shirt: AvatarColor;
  readonly hat: AvatarColor | undefined;
  readonly glasses: boolean;
  /** Otherwise it is short. */
  readonly longHair: boolean;
}

/** A face and its attributes. */
export interface Avatar {
  readonly attributes: AvatarAttributes;
  readonly image: RgbImage;
}

const HEX: Readonly<Record<AvatarColor, string>> = {
  red: 'd11141',
  green: '00b159',
  blue: '2a63d6',
  yellow: 'ffc425',
};

/** Names of DiceBear's variants: `long01`, `short01`. */
const HAIR = (pixelArt.schema.properties!['hair'] as { items: { enum: ('long01' | 'short01')[] } }).items
  .enum;

/** Share of the attributes that a caption does not name. */
const SILENCE = 0.3;

/** Chooses attributes at random. */
export function randomAttributes(rng: Rng): AvatarAttributes {
  const color = (): AvatarColor => AVATAR_COLORS[rng.integer(AVATAR_COLORS.length)];
  const isThere = (): boolean => rng.integer(2) === 1;
  return {
    shirt: color(),
    hat: isThere() ? color() : undefined,
    glasses: isThere(),
    longHair: isThere(),
  };
}

/** Renders a face; the seed chooses everything else about it, such as eyes, hair and skin. */
export async function renderAvatar(attributes: AvatarAttributes, seed: string): Promise<Avatar> {
  const { shirt, hat, glasses, longHair } = attributes;
  const svg = createAvatar(pixelArt, {
    seed,
    clothingColor: [HEX[shirt]],
    hatProbability: hat === undefined ? 0 : 100,
    hatColor: [HEX[hat ?? 'red']],
    glassesProbability: glasses ? 100 : 0,
    beardProbability: 0,
    hair: HAIR.filter((name) => name.startsWith(longHair ? 'long' : 'short')),
    accessoriesProbability: 0,
    size: 16,
  }).toString();
  return { attributes, image: await decodeImage(new TextEncoder().encode(svg)) };
}

/** Renders faces with random attributes; equal names give equal faces. */
export async function randomAvatars(name: string, count: number): Promise<Avatar[]> {
  const rng = createRng(0).fork(name);
  return Promise.all(
    Array.from({ length: count }, (_, i) => renderAvatar(randomAttributes(rng.fork(i)), `${name} ${i}`)),
  );
}

/** Lists what a caption can name. */
export function attributeNames({ shirt, hat, glasses, longHair }: AvatarAttributes): string[] {
  const names = [
    `${shirt} shirt`,
    hat && `${hat} hat`,
    glasses ? 'glasses' : undefined,
    longHair ? 'long hair' : undefined,
  ];
  return names.filter((name) => name !== undefined);
}

/** Creates training documents; `shuffled` captions are those of other faces. */
export function avatarDocuments(avatars: readonly Avatar[], captions: 'true' | 'shuffled'): DocumentSource {
  return {
    name: `avatars with ${captions} captions`,
    length: avatars.length,
    locate: (index) => `avatar ${index}`,
    read: async (index, rng) => {
      const described = captions === 'true' ? index : rng.integer(avatars.length);
      return {
        segments: [
          { modality: 'text', value: caption(avatars[described].attributes, rng) },
          { modality: 'image', value: avatars[index].image },
        ],
      };
    },
  };
}

/** Names some attributes, at least one: `hat` or `blue hat`, in any order. */
function caption(attributes: AvatarAttributes, rng: Rng): string {
  const names = attributeNames(attributes);
  const order = [...rng.permutation(names.length)].map((i) => names[i]);
  const named = order.filter((_, i) => i === 0 || rng.uniforms(1)[0] >= SILENCE);
  return named.map((name) => (name.endsWith(' hat') && rng.integer(2) === 0 ? 'hat' : name)).join(', ');
}
