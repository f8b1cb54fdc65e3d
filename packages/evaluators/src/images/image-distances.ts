/** Distances between generated images and a reference set, by features: Fréchet, kernel, precision and recall. */
import { createHash } from 'node:crypto';
import { TransfusionError } from '@transfusion/errors';
import type { RgbImage } from '@transfusion/modality-image';
import type { Evaluator, Metric, Provenance } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';
import type { GenerationTask, PromptSegment } from '../contract/predictors.js';
import { featureStatistics, type FeatureStatistics } from '../features/feature-statistics.js';
import { frechetDistance, type GaussianStatistics } from '../features/frechet-distance.js';
import { kernelDistanceOfSubsets } from '../features/kernel-distance.js';
import { precisionRecall } from '../features/precision-recall.js';
import type { ReferenceStatistics } from '../features/statistics-file.js';
import { formatVector, parseVector } from '../features/vector-text.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { checkImages } from './image-tensor.js';

/** A prompt, and an image of the reference set if there is no file of it. */
export interface ImageDistancesExample {
  readonly prompt: readonly PromptSegment[];
  readonly reference?: RgbImage;
}

/** Options of {@link imageDistances}. */
export interface ImageDistancesOptions {
  /** Defaults to `image-distances`. */
  readonly name?: string;
  /** Opens the examples from their beginning. */
  examples(): Iterable<ImageDistancesExample> | AsyncIterable<ImageDistancesExample>;
  readonly features: FeatureExtractor;
  /** Statistics of the reference set, such as `readFeatureStatistics` reads; by default those of the examples' images. */
  readonly reference?: ReferenceStatistics;
  /** Name of the modality to generate; defaults to `image`. */
  readonly output?: string;
  /** Seed of the first image; the next ones count up. Defaults to 0. */
  readonly seed?: number;
  /** Neighbors of precision and recall; defaults to 3. */
  readonly numNeighbors?: number;
  /** Images per call of the feature network; defaults to 8. */
  readonly batchSize?: number;
}

/** An example with its seed. */
export interface SeededImageExample extends ImageDistancesExample {
  readonly seed: number;
}

/** Features of the generated image, and of the reference image, as base64 of float32. */
export type ImageDistancesResult = { readonly generated: string; readonly reference: string | null };

/**
 * Creates an evaluator that generates an image for each prompt. Its metrics are the Fréchet distance and, if the reference
 * images are at hand, the kernel distance, precision and recall. The examples are read once to hash them, for the
 * provenance.
 *
 * @throws TransfusionError `invalid-argument` for examples without reference images if there is no file of them. `summarize`
 *   throws `invalid-argument` for fewer than two images, or as many as `numNeighbors`; `mismatch` for features of another
 *   length than the file's
 */
export async function imageDistances({
  name = 'image-distances',
  examples,
  features,
  reference,
  output = 'image',
  seed = 0,
  numNeighbors = 3,
  batchSize = 8,
}: ImageDistancesOptions): Promise<Evaluator<'generate', SeededImageExample, ImageDistancesResult>> {
  const { hash, count } = await hashExamples(name, examples(), reference);
  const provenance: Provenance = {
    ...features.provenance,
    referenceSha256: reference?.hash ?? hash,
    examplesSha256: hash,
    numImages: count,
    seed,
    ...(reference === undefined && { numNeighbors }),
  };
  return {
    specificationVersion: 'v1',
    name,
    needs: ['generate'],
    provenance,
    examples: async function* () {
      let index = 0;
      for await (const example of examples()) yield { ...example, seed: seed + index++ };
    },
    evaluate: async function* ({ generate }, seeded) {
      const waiting: SeededImageExample[] = [];
      async function* tasks(): AsyncGenerator<GenerationTask> {
        for await (const example of seeded) {
          waiting.push(example);
          yield { prompt: example.prompt, output, seed: example.seed };
        }
      }
      let batch: GeneratedExample[] = [];
      for await (const image of generate(tasks())) {
        checkImages(name, [image]);
        batch.push({ example: waiting.shift()!, image: image as RgbImage });
        if (batch.length < batchSize) continue;
        yield* await resultsOf(batch);
        batch = [];
      }
      if (batch.length > 0) yield* await resultsOf(batch);
    },
    summarize: (results) => metricsOf(name, results, reference, numNeighbors),
  };

  async function resultsOf(batch: readonly GeneratedExample[]) {
    const images = batch.flatMap(({ example, image }) =>
      example.reference === undefined || reference !== undefined ? [image] : [image, example.reference],
    );
    const vectors = await features.extract(images);
    if (vectors.length !== images.length) {
      throw new TransfusionError(
        'mismatch',
        `${name}: the feature extractor returned ${vectors.length} vectors for ${images.length} images, expected one per image.`,
      );
    }
    const stride = images.length / batch.length;
    return batch.map(({ example, image }, i) => ({
      result: {
        generated: formatVector(vectors[i * stride]),
        reference: stride === 2 ? formatVector(vectors[i * stride + 1]) : null,
      },
      shown: [
        ...example.prompt.map((segment) => ({ label: 'prompt', ...segment })),
        { label: 'generated', modality: output, value: image },
        ...(example.reference === undefined
          ? []
          : [{ label: 'reference', modality: output, value: example.reference }]),
      ],
    }));
  }
}

interface GeneratedExample {
  readonly example: SeededImageExample;
  readonly image: RgbImage;
}

function metricsOf(
  name: string,
  results: readonly ImageDistancesResult[],
  file: ReferenceStatistics | undefined,
  numNeighbors: number,
): Metric[] {
  const generated = results.map((result) => parseVector(result.generated));
  const count = generated.length;
  if (count < 2) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: found ${count} image${count === 1 ? '' : 's'}, expected at least 2 for a covariance. Evaluate more examples.`,
    );
  }
  const ofGenerated = statisticsOf(generated);
  const frechet = (reference: GaussianStatistics): Metric => ({
    name: 'Fréchet distance',
    value: frechetDistance(ofGenerated, reference),
    count,
    betterIs: 'lower',
  });
  if (file !== undefined) return [frechet(file)];
  const real = results.map(({ reference }) => parseVector(reference!));
  const { isRealistic, isCovered } = precisionRecall(real, generated, numNeighbors);
  const share = (metric: string, flags: readonly boolean[]): Metric =>
    meanMetric(metric, flags.map(Number), { unit: 'share', betterIs: 'higher' });
  return [
    frechet(statisticsOf(real)),
    { name: 'kernel distance', ...kernelDistanceOfSubsets(generated, real), count, betterIs: 'lower' },
    share('precision', isRealistic),
    share('recall', isCovered),
  ];
}

function statisticsOf(vectors: readonly Float32Array[]): FeatureStatistics {
  const statistics = featureStatistics();
  for (const vector of vectors) statistics.add(vector);
  return statistics.result();
}

/** Hashes prompts and reference images. */
async function hashExamples(
  name: string,
  examples: Iterable<ImageDistancesExample> | AsyncIterable<ImageDistancesExample>,
  file: ReferenceStatistics | undefined,
): Promise<{ hash: string; count: number }> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const { prompt, reference } of examples) {
    for (const { modality, value } of prompt) updateHash(hash, modality, value);
    if (file === undefined) {
      checkImages(`${name}, example ${count}`, [reference]);
      updateHash(hash, 'reference', reference);
    }
    count++;
  }
  return { hash: hash.digest('hex'), count };
}

function updateHash(hash: ReturnType<typeof createHash>, label: string, value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    hash.update(`${label} ${value.byteLength}\n`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) updateHash(hash, `${label}.${key}`, part);
  } else {
    hash.update(`${label} ${JSON.stringify(value)}\n`);
  }
}
