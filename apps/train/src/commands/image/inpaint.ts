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
import { inpaintImage, modalityOf } from '@transfusion/pipelines';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startEngine } from '../../engine.js';
import { openRun, type OpenRunOptions } from '../../open-run.js';
import { integerFrom, nonNegative } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { writeImages } from './write-images.js';

interface InpaintOptions extends OpenRunOptions {
  readonly mask?: string;
  readonly extend?: CanvasExtension;
  readonly prompt?: string;
  readonly count: number;
  readonly steps: number;
  readonly resample: number;
  readonly guidance: number;
  readonly seed: number;
  readonly out: string;
}

/** `transfusion inpaint` */
export function inpaintCommand(): Command {
  const command = new Command('inpaint')
    .description('Inpaints a part of an image, or what lies around it, into a PNG file.')
    .argument('<run>', "a run's folder, or a checkpoint's, of a model that denoises images")
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .option('--mask <file>', 'an image of the same size: white or transparent pixels are generated')
    .addOption(
      new Option('--extend <left,top,right,bottom>', 'pixels to generate beyond each side; below 0 cuts off')
        .argParser(canvasExtension)
        .conflicts('mask'),
    )
    .option('--prompt <text>', 'caption of the whole image')
    .option('--count <number>', 'number of images; several make a grid', integerFrom(1), 1)
    .option('--steps <number>', 'steps from noise to image', integerFrom(1), 50)
    .option('--resample <number>', 'resampling steps (RePaint): fit better, take longer', integerFrom(1), 4)
    .option('--guidance <scale>', 'how strictly to follow the prompt; 1 is no guidance', nonNegative, 3)
    .option(
      '--seed <number>',
      'decides all that is random; further images count up from it',
      integerFrom(0),
      0,
    )
    .option('--out <file>', 'the PNG file', 'inpaint.png');
  return withRecipeOptions(command).action(inpaintAction);
}

async function inpaintAction(
  run: string,
  file: string,
  options: InpaintOptions,
  command: Command,
): Promise<void> {
  const { image, mask } = await maskedImage(file, options);
  await startEngine(command);
  const opened = await openRun(run, options);
  try {
    const { modalities } = opened.model;
    if (options.extend !== undefined) checkUncropped(image, modalityOf(modalities, image, 'images'));
    const inpainting = { image, mask, text: options.prompt };
    const inpainted = await inpaintImage(
      opened,
      Array.from({ length: options.count }, () => inpainting),
      {
        seed: options.seed,
        numInferenceSteps: options.steps,
        guidanceScale: options.guidance,
        resample: options.resample,
      },
    );
    await writeImages(opened.model, inpainted, options.out);
  } finally {
    opened.dispose();
  }
}

/** Reads the image, or makes its canvas, with the mask of the part to generate. */
async function maskedImage(
  file: string,
  { mask: maskFile, extend }: InpaintOptions,
): Promise<{ readonly image: RgbImage; readonly mask: PixelMask }> {
  if (maskFile === undefined && extend === undefined) {
    throw invalid('inpaint: give --mask <file> or --extend <left,top,right,bottom>: the part to generate.');
  }
  const original = await readImage(file);
  const masked =
    maskFile === undefined
      ? extendCanvas(original, extend ?? {})
      : { image: original, mask: pixelMask(await readImage(maskFile)) };
  const { image, mask } = masked;
  if (mask.width !== image.width || mask.height !== image.height) {
    throw invalid(
      `${maskFile}: the mask has ${mask.width}x${mask.height} pixels, expected ${image.width}x${image.height}, ` +
        `as ${file} has. Paint it over the image.`,
    );
  }
  if (mask.data.every((value) => value < 128)) {
    throw invalid(
      maskFile === undefined
        ? 'inpaint: --extend adds nothing to any side, so there is nothing to generate.'
        : `${maskFile}: the mask has no white pixel, so there is nothing to generate.`,
    );
  }
  return masked;
}

/** A codec crops what has another aspect ratio, and that may be what was added. */
function checkUncropped({ width, height }: RgbImage, modality: Modality): void {
  if (modality.kind === 'discrete') return;
  const { latentShapes } = modality;
  if (latentShapes.some(([h, w]) => Math.abs(width * h - height * w) < Math.max(h, w))) return;
  const aspects = latentShapes.map(([high, wide]) => `${wide} to ${high}`);
  throw invalid(
    `inpaint: --extend makes a canvas of ${width}x${height} pixels, which would be cropped: the model generates ` +
      `images whose sides are as ${aspects.join(' or ')}. Add to other sides too, or cut off with numbers below 0.`,
  );
}

function canvasExtension(text: string): CanvasExtension {
  const sides = text.split(',').map((side) => (side.trim() === '' ? NaN : Number(side)));
  if (sides.length !== 4 || !sides.every(Number.isSafeInteger)) {
    throw new InvalidArgumentError('Expected four integers: left,top,right,bottom.');
  }
  const [left, top, right, bottom] = sides;
  return { left, top, right, bottom };
}

function invalid(message: string): TransfusionError {
  return new TransfusionError('invalid-argument', message);
}
