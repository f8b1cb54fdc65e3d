import { expect, it } from 'vitest';
import golden from '../../golden/resized.json' with { type: 'json' };
import { pillowResize, type PillowFilter } from './pillow-resize.js';

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const image = { width: 48, height: 32, data: bytes(golden.image) };

it.each(golden.resized)(
  'resizes to $width × $height like Pillow, $filter',
  ({ width, height, filter, base64 }) => {
    expect(pillowResize(image, width, height, filter as PillowFilter)).toEqual({
      width,
      height,
      data: bytes(base64),
    });
  },
);

it('returns an image of the same size as it is', () => {
  expect(pillowResize(image, 48, 32)).toEqual(image);
});
