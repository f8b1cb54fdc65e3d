import { TransfusionError } from '@transfusion/errors';
import type { ContinuousModality, Shape } from '@transfusion/modality';
import {
  extendCanvas,
  pixelMask,
  readImage,
  type CanvasExtension,
  type PixelMask,
  type RgbImage,
} from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { inpaintImage, modalityOf } from '@transfusion/pipelines';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startEngine } from '../engine.js';
import { notNegative, wholeNumber } from '../option-values.js';
import { writeImages } from '../image-files.js';
import { openRun } from '../run-folder.js';

interface InpaintCommandOptions {
  readonly mask?: string;
  readonly extend?: CanvasExtension;
  readonly prompt?: string;
  readonly count: number;
  readonly steps: number;
  readonly resample: number;
  readonly guidance: number;
  readonly seed: number;
  readonly out: string;
  readonly recipe?: string;
  readonly data?: string;
}

/** `transfusion inpaint` */
export function inpaintCommand(): Command {
  return new Command('inpaint')
    .description(
      'Draws a part of an image anew, or what lies around it, into a PNG file. Any model that draws can.',
    )
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .option('--mask <file>', 'an image of the same size: what is white or transparent is drawn anew')
    .addOption(
      new Option('--extend <left,top,right,bottom>', 'pixels to draw beyond each side; below 0 cuts off')
        .argParser(canvasExtension)
        .conflicts('mask'),
    )
    .option('--prompt <text>', 'what the whole image shows')
    .option('--count <number>', 'how many; several images become a grid', wholeNumber(1), 1)
    .option('--steps <number>', 'steps from noise to image', wholeNumber(1), 50)
    .option('--resample <number>', 'takes each step so often: fits better, takes longer', wholeNumber(1), 4)
    .option('--guidance <scale>', 'how strictly to follow the prompt; 1 is no guidance', notNegative, 3)
    .option('--seed <number>', 'decides what is drawn; further ones count up from it', wholeNumber(0), 0)
    .option('--out <file>', 'the PNG file', 'inpaint.png')
    .option('--recipe <recipe>', 'the recipe of the run, if its folder does not say')
    .option('--data <file>', 'that of the recipe, if it needs one')
    .action(inpaintAction);
}

async function inpaintAction(
  run: string,
  file: string,
  options: InpaintCommandOptions,
  command: Command,
): Promise<void> {
  const { image, mask } = await maskedImage(file, options);
  await startEngine(command);
  const opened = await openRun(run, options.recipe, options.data);
  if (options.extend !== undefined) {
    const modality = modalityOf(opened.model.modalities, image, 'images') as ContinuousModality;
    checkUncropped(image, modality.latentShapes);
  }
  const asked = { image, mask, text: options.prompt };
  const inpainted = await inpaintImage(
    opened,
    Array.from({ length: options.count }, () => asked),
    {
      seed: options.seed,
      numInferenceSteps: options.steps,
      guidanceScale: options.guidance,
      resample: options.resample,
    },
  );
  disposeParams(opened.params);
  await writeImages(options.out, inpainted);
}

/** The image or its canvas, and what of it is to be drawn. */
async function maskedImage(
  file: string,
  { mask: maskFile, extend }: InpaintCommandOptions,
): Promise<{ readonly image: RgbImage; readonly mask: PixelMask }> {
  if (maskFile === undefined && extend === undefined) {
    throw invalid('inpaint: give --mask <file> or --extend <left,top,right,bottom>, which say what to draw.');
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
        ? 'inpaint: --extend adds nothing to any side, so there is nothing to draw.'
        : `${maskFile}: the mask has no white pixel, so there is nothing to draw.`,
    );
  }
  return masked;
}

/** A codec crops what has another aspect ratio, and that may be what was added. */
function checkUncropped({ width, height }: RgbImage, latentShapes: readonly Shape[]): void {
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
    throw new InvalidArgumentError('Expected four whole numbers: left,top,right,bottom.');
  }
  const [left, top, right, bottom] = sides;
  return { left, top, right, bottom };
}

function invalid(message: string): TransfusionError {
  return new TransfusionError('invalid-argument', message);
}
