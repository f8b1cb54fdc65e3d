import { TransfusionError } from '@transfusion/errors';
import type { Modality } from '@transfusion/modality';
import {
  extendCanvas,
  pixelMask,
  readImage,
  type CanvasExtension,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import { inpaintImage, modalityAccepting } from '@transfusion/pipelines';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startEngine } from '../../engine.js';
import { withImageSamplingOptions, type ImageSamplingOptions } from '../../image-sampling-options.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { integerAtLeast } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { writeAndPrint } from '../../write-and-print.js';

interface InpaintOptions extends LoadRunOptions, ImageSamplingOptions {
  readonly mask?: string;
  readonly extend?: CanvasExtension;
  readonly prompt?: string;
  readonly resample: number;
  readonly out: string;
}

/** Creates the `transfusion inpaint` command. */
export function inpaintCommand(): Command {
  const command = new Command('inpaint')
    .description(
      'Inpaints the masked part of an image, or extends the image beyond its borders (outpainting), and writes a PNG file.',
    )
    .argument('<run>', 'folder of a run or a checkpoint whose model denoises images')
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .option('--mask <file>', 'an image of the same size: white or transparent pixels are generated')
    .addOption(
      new Option(
        '--extend <left,top,right,bottom>',
        'pixels to add to each side (outpainting); negative values crop',
      )
        .argParser(parseCanvasExtension)
        .conflicts('mask'),
    )
    .option('--prompt <text>', 'caption of the full image');
  withImageSamplingOptions(command)
    .option(
      '--resample <number>',
      'how many times each denoising step is taken (RePaint resampling); higher blends better and takes longer',
      integerAtLeast(1),
      4,
    )
    .option('--out <file>', 'PNG file to write', 'inpaint.png');
  return withRecipeOptions(command).action(inpaintAction);
}

async function inpaintAction(
  run: string,
  imagePath: string,
  options: InpaintOptions,
  command: Command,
): Promise<void> {
  const { image, mask } = await readMaskedImage(imagePath, options);
  await startEngine(command);
  const loaded = await loadRun(run, options);
  try {
    const modality = modalityAccepting(loaded.model.modalities, image, 'image');
    if (options.extend !== undefined) checkUncropped(image, modality);
    const inpainting = { image, mask, prompt: options.prompt };
    // `inpaintImage` gives each its own seed.
    const inpaintings = Array.from({ length: options.count }, () => inpainting);
    const inpainted = await inpaintImage(loaded, inpaintings, {
      seed: options.seed,
      numInferenceSteps: options.steps,
      guidanceScale: options.guidance,
      numResamples: options.resample,
    });
    await writeAndPrint(modality, inpainted, options.out);
  } finally {
    loaded.dispose();
  }
}

/** Reads the image and its mask, or extends the canvas and masks the added pixels. */
async function readMaskedImage(
  imagePath: string,
  { mask: maskPath, extend }: InpaintOptions,
): Promise<{ readonly image: RgbImage; readonly mask: PixelMask }> {
  if (maskPath === undefined && extend === undefined) {
    throw invalidArgument(
      'inpaint: expected --mask <file> or --extend <left,top,right,bottom>, to say which pixels to generate.',
    );
  }
  const image = await readImage(imagePath);
  if (maskPath === undefined) {
    const extended = extendCanvas(image, extend ?? {});
    if (hasMaskedPixel(extended.mask)) return extended;
    throw invalidArgument(
      'inpaint: --extend adds no pixels, expected a positive number for at least one side.',
    );
  }
  const mask = pixelMask(await readImage(maskPath));
  if (mask.width !== image.width || mask.height !== image.height) {
    throw invalidArgument(
      `${maskPath}: the mask is ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, ` +
        `the size of ${imagePath}. Resize the mask.`,
    );
  }
  if (hasMaskedPixel(mask)) return { image, mask };
  throw invalidArgument(
    `${maskPath}: the mask has no white pixel, expected the pixels to generate in white. Check the mask.`,
  );
}

function hasMaskedPixel({ data }: PixelMask): boolean {
  return data.some((value) => value >= 128);
}

/**
 * Checks that the canvas has an aspect ratio of the model. Codecs crop an image to the nearest latent aspect ratio,
 * which can remove what --extend added.
 */
function checkUncropped({ width, height }: RgbImage, modality: Modality): void {
  // `inpaintImage` rejects it.
  if (modality.kind === 'discrete') return;
  const { latentShapes } = modality;
  // Allows for rounding: less than about one pixel would be cropped.
  const isUncropped = latentShapes.some(([h, w]) => Math.abs(width * h - height * w) < Math.max(h, w));
  if (isUncropped) return;
  const ratios = latentShapes.map(([h, w]) => `${w / greatestDivisor(w, h)}:${h / greatestDivisor(w, h)}`);
  throw invalidArgument(
    `inpaint: --extend makes a canvas of ${width}x${height} pixels, which would be cropped: the model generates ` +
      `images with aspect ratio ${ratios.join(' or ')}. Extend other sides as well, or crop with negative values.`,
  );
}

/** Euclid's algorithm. */
function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function parseCanvasExtension(text: string): CanvasExtension {
  const sides = text.split(',').map((side) => (side.trim() === '' ? NaN : Number(side)));
  if (sides.length !== 4 || !sides.every(Number.isSafeInteger)) {
    throw new InvalidArgumentError('Expected four integers: left,top,right,bottom.');
  }
  const [left, top, right, bottom] = sides;
  return { left, top, right, bottom };
}

function invalidArgument(message: string): TransfusionError {
  return new TransfusionError('invalid-argument', message);
}
