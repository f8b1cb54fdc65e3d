import { TransfusionError } from '@transfusion/errors';
import { pixelMask, readImage, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import { inpaintImage, modalityAccepting } from '@transfusion/pipelines';
import type { Command } from 'commander';
import { denoisingOptions } from '../../generation-options.js';
import type { ImageSamplingOptions } from '../../image-sampling-options.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { writeAndPrint } from '../../write-and-print.js';

interface InpaintOptions extends LoadRunOptions, ImageSamplingOptions {
  readonly mask: string;
  readonly prompt?: string;
  readonly resample: number;
  readonly out: string;
}

/** Runs `transfusion inpaint`. */
export async function inpaintAction(
  run: string,
  imagePath: string,
  options: InpaintOptions,
  command: Command,
): Promise<void> {
  const { image, mask } = await readMaskedImage(imagePath, options.mask);
  const loaded = await loadRun(run, options, command);
  try {
    const modality = modalityAccepting(loaded.model.modalities, image, 'image');
    const inpainting = { image, mask, prompt: options.prompt };
    // `inpaintImage` gives each its own seed.
    const inpaintings = Array.from({ length: options.count }, () => inpainting);
    const inpainted = await inpaintImage(loaded, inpaintings, {
      seed: options.seed,
      negativePrompt: options.negativePrompt,
      ...denoisingOptions(options),
      numResamples: options.resample,
    });
    await writeAndPrint(modality, inpainted, options.out);
  } finally {
    loaded.dispose();
  }
}

/** Reads the image and its mask. */
async function readMaskedImage(
  imagePath: string,
  maskPath: string,
): Promise<{ readonly image: RgbImage; readonly mask: PixelMask }> {
  const image = await readImage(imagePath);
  const mask = pixelMask(await readImage(maskPath));
  if (mask.width !== image.width || mask.height !== image.height) {
    throw invalidArgument(
      `${maskPath}: the mask is ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, ` +
        `the size of ${imagePath}. Resize the mask.`,
    );
  }
  if (mask.data.some((value) => value >= 128)) return { image, mask };
  throw invalidArgument(
    `${maskPath}: the mask has no white pixel, expected the pixels to generate in white. Check the mask.`,
  );
}

function invalidArgument(message: string): TransfusionError {
  return new TransfusionError('invalid-argument', message);
}
