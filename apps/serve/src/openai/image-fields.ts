/** Fields of images that several endpoints have: those that come, and the files that are generated. */
import { z } from 'zod';
import { optional, withoutEffect } from './generation-fields.js';

/** Data URI of an image in a prompt. */
export const imageUriField = z
  .string()
  .describe('Data URI of a PNG, JPEG, WebP or GIF file, such as data:image/png;base64,... No links.');

/** Fields of an image in a prompt that change nothing here. */
export const inputImageFields = {
  detail: withoutEffect(z.enum(['auto', 'low', 'high', 'original'])),
};

/** Formats of images in responses. */
export const outputFormat = z.enum(['png', 'webp', 'jpeg']);

/** Fields of the files of generated images. */
export const outputImageFields = {
  output_format: optional(outputFormat).describe("File format of images; defaults to 'png'."),
  output_compression: optional(z.int().min(0).max(100)).describe(
    'Quality of WebP and JPEG files, 0 to 100 (the default); no effect on PNG.',
  ),
  background: optional(
    z.enum(['opaque', 'auto'], {
      error: ({ input }) =>
        input === 'transparent'
          ? "the server's models generate opaque images only; leave the field out"
          : undefined,
    }),
  ).describe("'opaque' and 'auto' have no effect; 'transparent' is refused."),
  quality: withoutEffect(z.enum(['standard', 'hd', 'low', 'medium', 'high', 'auto'])),
  moderation: withoutEffect(z.enum(['low', 'auto'])),
};

/** Fidelity to edited images. */
export const inputFidelityField = withoutEffect(z.enum(['high', 'low']));
