/** Evaluator of images that are to equal a target: edits, reconstructions, inpainted images. */
import { TransfusionError } from '@transfusion/errors';
import { isRgbImage, type PixelMask, type RgbImage } from '@transfusion/modality-image';
import type { Evaluator, Provenance, ShownValue } from '../contract/evaluator.js';
import type { GenerationTask, InpaintingTask, PromptSegment } from '../contract/predictors.js';
import { numberedExamples, type NumberedExample } from '../generation/numbered-examples.js';
import { predictEach } from '../generation/predict-each.js';
import { imagePairMetrics, type ImagePairResult } from './image-pair-metrics.js';
import { WINDOW } from './image-plane.js';
import { multiScaleSimilarity } from './multi-scale-similarity.js';
import { structuralSimilarity } from './structural-similarity.js';

/** An image to generate, and the image that it should be. */
export interface ImagePairExample {
  /** Such as an image and an instruction, for an edit. */
  readonly prompt: readonly PromptSegment[];
  readonly target: RgbImage;
  /** Above 127 where the image is generated; needed for the task `inpaint`, for which the rest of the target is known. */
  readonly mask?: PixelMask;
}

/** A distance of two images. */
export interface ImageDistance {
  /** Name of its metric. */
  readonly name: string;
  /** Returns 0 for equal images. */
  distance(generated: RgbImage, target: RgbImage): number | Promise<number>;
}

/** Options of {@link imagePairScores}. */
export interface ImagePairScoresOptions {
  /** In kebab-case, unique among the evaluators of a run. */
  readonly name: string;
  /** `generate` gets the prompt alone, `inpaint` also the target outside of the mask. */
  readonly task: 'generate' | 'inpaint';
  /** Opens the examples: always the same, in the same order. */
  examples(): AsyncIterable<ImagePairExample> | Iterable<ImagePairExample>;
  /** Perceptual distance; defaults to 1 minus multi-scale SSIM. */
  readonly perceptual?: ImageDistance;
  /** Name of the data, its hash; the seed is added. */
  readonly provenance?: Provenance;
  /** Seed of the first image; the next ones follow. Defaults to 0. */
  readonly seed?: number;
}

/** Evaluator of pairs of images. */
export type ImagePairScoresEvaluator = Evaluator<
  'generate' | 'inpaint',
  NumberedExample<ImagePairExample>,
  ImagePairResult
>;

/** Default of `perceptual`. */
const MULTI_SCALE: ImageDistance = {
  name: '1 - MS-SSIM',
  distance: (generated, target) => 1 - multiScaleSimilarity(generated, target),
};

/**
 * Creates an evaluator that generates an image for each example and compares it with its target: `PSNR` (at most 100 dB, also
 * for equal images, so that means are finite), `SSIM`, a perceptual distance, and for inpainted images `PSNR in the mask`.
 * Each is the mean over images.
 */
export function imagePairScores(options: ImagePairScoresOptions): ImagePairScoresEvaluator {
  const { name, task, perceptual = MULTI_SCALE, seed = 0 } = options;
  return {
    specificationVersion: 'v1',
    name,
    needs: [task],
    provenance: { perceptual: perceptual.name, seed, ...options.provenance },
    async *examples() {
      for await (const numbered of numberedExamples(options.examples())) {
        checkExample(`${name}: example ${numbered.index}`, numbered.example, task);
        yield numbered;
      }
    },
    async *evaluate(predict, examples) {
      const predicted =
        task === 'generate'
          ? predictEach(
              name,
              (tasks: AsyncIterable<GenerationTask>) => predict.generate(tasks),
              examples,
              ({ index, example: { prompt } }) => ({ prompt, output: 'image', seed: seed + index }),
            )
          : predictEach(
              name,
              (tasks: AsyncIterable<InpaintingTask>) => predict.inpaint(tasks),
              examples,
              ({ index, example: { prompt, target, mask } }) => ({
                prompt,
                known: { modality: 'image', value: target },
                mask: mask!,
                seed: seed + index,
              }),
            );
      for await (const [{ index, example }, image] of predicted) {
        const where = `${name}: example ${index}`;
        checkGenerated(where, image, example.target);
        yield {
          result: await compare(where, image, example, perceptual),
          shown: shownPair(example, image),
        };
      }
    },
    summarize: (results) => imagePairMetrics(results, perceptual.name),
  };
}

async function compare(
  where: string,
  image: RgbImage,
  { target, mask }: ImagePairExample,
  { name, distance }: ImageDistance,
): Promise<ImagePairResult> {
  const perceptualDistance = await distance(image, target);
  if (!Number.isFinite(perceptualDistance)) {
    throw new TransfusionError(
      'invalid-plugin',
      `${where}: the distance '${name}' is ${perceptualDistance}, expected a finite number. Check its features for NaN.`,
    );
  }
  return {
    meanSquaredError: meanSquaredError(image, target),
    structuralSimilarity: structuralSimilarity(image, target),
    perceptualDistance,
    ...(mask !== undefined && { maskedSquaredError: meanSquaredError(image, target, mask) }),
  };
}

function meanSquaredError(a: RgbImage, b: RgbImage, mask?: PixelMask): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < a.data.length; i++) {
    if (mask !== undefined && mask.data[Math.floor(i / 3)] <= 127) continue;
    sum += (a.data[i] - b.data[i]) ** 2;
    count++;
  }
  return sum / count;
}

function shownPair({ prompt, target }: ImagePairExample, image: RgbImage): ShownValue[] {
  return [
    ...prompt.map(({ modality, value }) => ({ label: 'prompt', modality, value })),
    { label: 'generated', modality: 'image', value: image },
    { label: 'target', modality: 'image', value: target },
  ];
}

function checkExample(where: string, { target, mask }: ImagePairExample, task: string): void {
  if (!isRgbImage(target) || Math.min(target.width, target.height) < WINDOW) {
    const found = isRgbImage(target) ? `${target.width} × ${target.height} pixels` : typeof target;
    throw new TransfusionError(
      'invalid-argument',
      `${where}: the target is ${found}, expected an RgbImage of at least ${WINDOW} × ${WINDOW} pixels.`,
    );
  }
  if (mask === undefined && task === 'generate') return;
  const fits = mask?.width === target.width && mask.height === target.height;
  if (fits && mask.data.length === target.width * target.height && mask.data.some((value) => value > 127)) {
    return;
  }
  throw new TransfusionError(
    'invalid-argument',
    `${where}: the mask ${mask === undefined ? 'is missing' : `has ${mask.width} × ${mask.height} pixels`}, expected ` +
      `${target.width} × ${target.height}, the size of the target, with values above 127.`,
  );
}

function checkGenerated(where: string, image: unknown, target: RgbImage): asserts image is RgbImage {
  if (!isRgbImage(image)) {
    throw new TransfusionError(
      'mismatch',
      `${where}: the model generated a value of type ${typeof image}, expected an RgbImage of 8-bit values. ` +
        'Let it generate images.',
    );
  }
  if (image.width === target.width && image.height === target.height) return;
  throw new TransfusionError(
    'mismatch',
    `${where}: the generated image has ${image.width} × ${image.height} pixels, expected ${target.width} × ` +
      `${target.height}, the size of its target. Resize the targets (resizeImage).`,
  );
}
