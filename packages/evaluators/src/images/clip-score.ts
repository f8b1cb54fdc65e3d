/** CLIP score of generated images (Hessel et al. 2021). */
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import type { Evaluator } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';
import type { GenerationTask, PromptSegment } from '../contract/predictors.js';
import type { Clip } from './clip-network.js';
import { checkImages } from './image-tensor.js';

/** A prompt, and the text that its image is compared with. */
export interface ClipScoreExample {
  readonly prompt: readonly PromptSegment[];
  readonly caption: string;
}

/** Options of {@link clipScore}. */
export interface ClipScoreOptions {
  /** Defaults to `clip-score`. */
  readonly name?: string;
  readonly clip: Clip;
  /** Opens the examples from their beginning. */
  examples(): Iterable<ClipScoreExample> | AsyncIterable<ClipScoreExample>;
  /** Name of the modality to generate; defaults to `image`. */
  readonly output?: string;
  /** Seed of the first image; the next ones count up. Defaults to 0. */
  readonly seed?: number;
}

/** Cosine of the embeddings of image and text. */
export type ClipScoreResult = { readonly similarity: number };

/** Factor of Hessel et al. 2021, section 3. */
const HESSEL_SCALE = 2.5;

/**
 * Creates an evaluator that generates an image for each prompt and compares it with a caption. Its metrics are
 * 100 · max(cos, 0), as most papers report it, and 2.5 · max(cos, 0), as Hessel et al. 2021 define it.
 *
 * `evaluate` throws a TransfusionError `invalid-argument` for an empty caption, or a generated value that is not an image.
 */
export function clipScore({
  name = 'clip-score',
  clip,
  examples,
  output = 'image',
  seed = 0,
}: ClipScoreOptions): Evaluator<'generate', ClipScoreExample & { readonly seed: number }, ClipScoreResult> {
  return {
    specificationVersion: 'v1',
    name,
    needs: ['generate'],
    provenance: { ...clip.provenance, seed },
    examples: async function* () {
      let index = 0;
      for await (const example of examples()) {
        if (example.caption.trim() === '') {
          throw new TransfusionError(
            'invalid-argument',
            `${name}: the caption of example ${index} is empty, expected a text that the image is compared with.`,
          );
        }
        yield { ...example, seed: seed + index++ };
      }
    },
    evaluate: async function* ({ generate }, seeded) {
      const captions: string[] = [];
      async function* tasks(): AsyncGenerator<GenerationTask> {
        for await (const { prompt, caption, seed } of seeded) {
          captions.push(caption);
          yield { prompt, output, seed };
        }
      }
      for await (const image of generate(tasks())) {
        checkImages(name, [image]);
        const caption = captions.shift()!;
        yield {
          result: { similarity: await clip.similarity(image as RgbImage, caption) },
          shown: [
            { label: 'caption', modality: 'text', value: caption },
            { label: 'generated', modality: output, value: image },
          ],
        };
      }
    },
    summarize: (results) => {
      const scaled = (scale: number) => results.map(({ similarity }) => scale * Math.max(0, similarity));
      return [
        meanMetric('CLIP score, 100 max(cos, 0)', scaled(100), { betterIs: 'higher' }),
        meanMetric('CLIP score of Hessel et al., 2.5 max(cos, 0)', scaled(HESSEL_SCALE), {
          betterIs: 'higher',
        }),
      ];
    },
  };
}
