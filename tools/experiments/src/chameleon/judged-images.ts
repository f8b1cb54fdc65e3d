/** An evaluator of images generated for captions: what the judge takes them for, and their distance from the real ones. */
import {
  featureStatistics,
  frechetDistance,
  meanMetric,
  type EvaluatedExample,
  type Evaluator,
  type FeatureStatistics,
  type ImageFeatureExtractor,
  type Metric,
  type Predictors,
} from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import type { LabeledImage } from '../emoji-set.js';
import { INCEPTION_NAME } from '../inception/inception-features.js';
import type { Judge, Judgment } from '../judge/judge.js';

/** Result of an image: what was asked for, what the judge sees, and the features. */
export type JudgedImage = {
  readonly subject: string;
  readonly style: string;
  readonly judgedStyle: string;
  /** In descending order of likelihood. */
  readonly judgedSubjects: readonly string[];
  /** Float32 in base64; absent if the Fréchet distance is not measured. */
  readonly features?: string;
};

/** Features of images, and the statistics of those of all real ones. */
export interface RealFeatures {
  readonly extract: ImageFeatureExtractor;
  readonly real: FeatureStatistics;
}

/** Number of images that are judged at a time. */
const BATCH = 16;

/** Options of {@link judgedImages}. */
export interface JudgedImagesOptions {
  readonly judge: Judge;
  /** The images whose captions are prompts. */
  readonly images: readonly LabeledImage[];
  /** By default the Fréchet distance is not measured. */
  readonly features?: RealFeatures;
}

/** Creates the evaluator `judged-images`. Its seeds are the places of the images. */
export function judgedImages({
  judge,
  images,
  features,
}: JudgedImagesOptions): Evaluator<'generate', LabeledImage, JudgedImage> {
  return {
    specificationVersion: 'v1',
    name: 'judged-images',
    needs: ['generate'],
    provenance: {
      judge: 'classifiers of the experiment judge',
      features: features ? INCEPTION_NAME : 'none',
    },
    examples: () => images,
    async *evaluate({ generate }, examples) {
      let batch: [LabeledImage, RgbImage][] = [];
      for await (const pair of generated(generate, examples)) {
        batch.push(pair);
        if (batch.length < BATCH) continue;
        yield* judged(batch, judge, features);
        batch = [];
      }
      if (batch.length > 0) yield* judged(batch, judge, features);
    },
    summarize: (results) => imageMetrics(results, features?.real),
  };
}

/**
 * Computes the shares of images of the right style and subject and, with features, the Fréchet distance.
 *
 * @throws TransfusionError `invalid-argument` for no results, or fewer than two with features
 */
export function imageMetrics(results: readonly JudgedImage[], real?: FeatureStatistics): Metric[] {
  const share = (name: string, isRight: (result: JudgedImage) => boolean): Metric =>
    meanMetric(
      name,
      results.map((result) => Number(isRight(result))),
      { unit: 'share', betterIs: 'higher' },
    );
  const shares = [
    share('image style', ({ style, judgedStyle }) => style === judgedStyle),
    share('image subject', ({ subject, judgedSubjects }) => judgedSubjects[0] === subject),
    share('image subject of 5', ({ subject, judgedSubjects }) => judgedSubjects.includes(subject)),
  ];
  if (real === undefined) return shares;
  const statistics = featureStatistics();
  for (const { features } of results) statistics.add(fromBase64(features!));
  const value = frechetDistance(real, statistics.result());
  return [...shares, { name: 'Fréchet', value, count: results.length, betterIs: 'lower' }];
}

/** Returns what the judge takes real or reconstructed images for. */
export async function judgeImages(
  judge: Judge,
  images: readonly RgbImage[],
  expected: readonly LabeledImage[],
): Promise<JudgedImage[]> {
  const judgments = await judge(images);
  return judgments.map((judgment, i) => judgedAs(judgment, expected[i]));
}

async function* generated(
  generate: Predictors['generate'],
  examples: AsyncIterable<LabeledImage>,
): AsyncGenerator<[LabeledImage, RgbImage]> {
  const pending: LabeledImage[] = [];
  let count = 0;
  async function* tasks() {
    for await (const example of examples) {
      pending.push(example);
      yield { prompt: [{ modality: 'text', value: example.caption }], output: 'image', seed: count++ };
    }
  }
  for await (const image of generate(tasks())) yield [pending.shift()!, image as RgbImage];
}

async function* judged(
  batch: readonly (readonly [LabeledImage, RgbImage])[],
  judge: Judge,
  features: RealFeatures | undefined,
): AsyncGenerator<EvaluatedExample<JudgedImage>> {
  const images = batch.map(([, image]) => image);
  const expected = batch.map(([one]) => one);
  const results = await judgeImages(judge, images, expected);
  const vectors = await features?.extract(images);
  for (const [i, result] of results.entries()) {
    yield {
      result: vectors === undefined ? result : { ...result, features: toBase64(vectors[i]) },
      shown: [
        { label: 'original', modality: 'image', value: expected[i].image },
        { label: 'generated', modality: 'image', value: images[i] },
        { label: 'caption', modality: 'text', value: expected[i].caption },
      ],
    };
  }
}

function judgedAs({ style, subjects }: Judgment, expected: LabeledImage): JudgedImage {
  return {
    subject: expected.subject,
    style: expected.style,
    judgedStyle: style,
    judgedSubjects: subjects,
  };
}

function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function fromBase64(text: string): Float32Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text, 'base64');
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
