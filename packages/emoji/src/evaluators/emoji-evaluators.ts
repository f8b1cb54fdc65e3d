/** The evaluators of the shipped model's card: captions, images, edits and inpainting. */
import {
  meanMetric,
  peakSignalToNoise,
  type EvaluatedExample,
  type Evaluator,
  type GenerationTask,
  type Predictors,
} from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import type { EmojiSourceOptions } from '../recipes/emoji-source.js';
import { halfMask } from './half-mask.js';
import { labeledEmoji, type LabeledEdit, type LabeledEmoji, type LabeledImage } from './labeled-emoji.js';
import { captionMetrics, type RecognizedEmoji } from './recognized.js';

/** Functions that the evaluators need. */
type Need = 'generate' | 'inpaint';

/** Decibels of equal images, which have infinitely many. */
const MAX_PSNR = 100;

/** An inpainted image: what it was recognized as, and the decibels of its generated half against the original. */
type InpaintedEmoji = RecognizedEmoji & { readonly psnr: number };

/**
 * Creates the evaluators of a model of emoji, over the validation images: `captions` of them, `images` of their captions,
 * `edits` into their styles, and `inpainting` of their halves. What is generated is recognized by the model's own captions:
 * an image is right if it gets the caption that it was generated for, so these scores are only worth as much as `captions`.
 */
export async function emojiEvaluators(options: EmojiSourceOptions = {}): Promise<readonly Evaluator[]> {
  const set = labeledEmoji(options);
  const emoji = (await set.hash()).slice(0, 12);
  const shared = { specificationVersion: 'v1', needs: ['generate'] } as const;
  const recognized = { emoji, 'recognized by': 'its own captions' };
  const captions: Evaluator<'generate', LabeledEmoji, RecognizedEmoji> = {
    ...shared,
    name: 'captions',
    provenance: { emoji },
    examples: () => set.images(),
    evaluate: (predict, examples) =>
      recognize(
        predict,
        mapped(examples, (expected) => ({ image: expected.image, expected })),
      ),
    summarize: captionMetrics,
  };
  const images: Evaluator<'generate', LabeledEmoji, RecognizedEmoji> = {
    ...shared,
    name: 'images',
    provenance: recognized,
    examples: () => set.images(),
    async *evaluate(predict, examples) {
      const generated = generateFor(predict, examples, ({ index, caption }) => ({
        prompt: [{ modality: 'text', value: caption }],
        output: 'image',
        seed: index,
      }));
      yield* recognize(
        predict,
        mapped(generated, ([expected, image]) => ({ image, expected, before: { original: expected.image } })),
      );
    },
    summarize: captionMetrics,
  };
  const edits: Evaluator<'generate', LabeledEdit, RecognizedEmoji> = {
    ...shared,
    name: 'edits',
    provenance: recognized,
    examples: () => set.edits(),
    async *evaluate(predict, examples) {
      const edited = generateFor(predict, examples, ({ index, source, instruction }) => ({
        prompt: [
          { modality: 'image', value: source.image },
          { modality: 'text', value: instruction },
        ],
        output: 'image',
        seed: index,
      }));
      yield* recognize(
        predict,
        mapped(edited, ([{ source, target }, image]) => ({
          image,
          expected: target,
          before: { original: source.image, expected: target.image },
        })),
      );
    },
    summarize: captionMetrics,
  };
  const inpainting: Evaluator<Need, LabeledEmoji, InpaintedEmoji> = {
    ...shared,
    name: 'inpainting',
    needs: ['generate', 'inpaint'],
    provenance: recognized,
    examples: () => set.images(),
    async *evaluate(predict, examples) {
      const pending: LabeledEmoji[] = [];
      const tasks = mapped(examples, (expected) => {
        pending.push(expected);
        const { index, image, caption } = expected;
        return {
          prompt: [{ modality: 'text', value: caption }],
          known: { modality: 'image', value: image },
          mask: halfMask(image.width, index),
          seed: index,
        };
      });
      const inpainted = mapped(predict.inpaint(tasks), (image) => {
        const expected = pending.shift()!;
        return { image: image as RgbImage, expected, before: { original: expected.image } };
      });
      const psnrs: number[] = [];
      const measured = mapped(inpainted, (one) => {
        psnrs.push(maskedDecibels(one.image, one.expected));
        return one;
      });
      for await (const { result, shown } of recognize(predict, measured)) {
        yield { result: { ...result, psnr: psnrs.shift()! }, shown };
      }
    },
    summarize: (results) => [
      ...captionMetrics(results),
      meanMetric(
        'PSNR in the mask',
        results.map(({ psnr }) => psnr),
        { unit: 'dB', betterIs: 'higher' },
      ),
    ],
  };
  return [captions, images, edits, inpainting];
}

/** Computes the PSNR of the generated half against the original, at most {@link MAX_PSNR}. */
function maskedDecibels(image: RgbImage, { index, image: original }: LabeledEmoji): number {
  const mask = halfMask(original.width, index);
  const half = ({ data }: RgbImage): RgbImage => {
    const kept = data.filter((_, i) => mask.data[Math.floor(i / 3)] > 127);
    return { width: kept.length / 3, height: 1, data: kept };
  };
  return Math.min(peakSignalToNoise(half(image), half(original)), MAX_PSNR);
}

/** An image to recognize, what it should show, and images to look at beside it. */
interface Recognizable {
  readonly image: RgbImage;
  readonly expected: LabeledImage;
  readonly before?: Readonly<Record<string, RgbImage>>;
}

/** Captions images, and compares the captions with what the images should show. */
async function* recognize(
  { generate }: Pick<Predictors, 'generate'>,
  images: AsyncIterable<Recognizable>,
): AsyncGenerator<EvaluatedExample<RecognizedEmoji>> {
  const pending: Recognizable[] = [];
  const tasks = mapped(images, (one) => {
    pending.push(one);
    return { prompt: [{ modality: 'image', value: one.image }], output: 'text', seed: 0 };
  });
  for await (const caption of generate(tasks)) {
    const { image, expected, before = {} } = pending.shift()!;
    const { subject, style } = expected;
    const values = Object.entries({
      ...before,
      [before['original'] === undefined ? 'image' : 'generated']: image,
    });
    yield {
      result: { subject, style, caption: caption as string },
      shown: [
        ...values.map(([label, value]) => ({ label, modality: 'image', value })),
        { label: 'wanted', modality: 'text', value: expected.caption },
        { label: 'caption', modality: 'text', value: caption },
      ],
    };
  }
}

/** Generates an image for each example. */
async function* generateFor<Example>(
  { generate }: Pick<Predictors, 'generate'>,
  examples: AsyncIterable<Example>,
  taskOf: (example: Example) => GenerationTask,
): AsyncGenerator<readonly [Example, RgbImage]> {
  const pending: Example[] = [];
  const tasks = mapped(examples, (example) => {
    pending.push(example);
    return taskOf(example);
  });
  for await (const image of generate(tasks)) yield [pending.shift()!, image as RgbImage];
}

async function* mapped<From, To>(values: AsyncIterable<From>, to: (value: From) => To): AsyncGenerator<To> {
  for await (const value of values) yield to(value);
}
