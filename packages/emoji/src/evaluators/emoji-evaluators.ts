/** The evaluators of the shipped model's card: captions, images, edits and inpainting. */
import {
  meanMetric,
  peakSignalToNoise,
  predictEach,
  type EvaluatedExample,
  type Evaluator,
  type Predictors,
} from '@transfusion/evaluators';
import type { RgbImage } from '@transfusion/modality-image';
import type { EmojiSourceOptions } from '../recipes/emoji-source.js';
import { halfMask } from './half-mask.js';
import { labeledEmoji, type LabeledEdit, type LabeledEmoji, type LabeledImage } from './labeled-emoji.js';
import { captionMetrics, type RecognizedEmoji } from './recognized.js';

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
    evaluate(predict, examples) {
      const generated = predictEach('images', predict.generate, examples, ({ index, caption }) => ({
        prompt: [{ modality: 'text', value: caption }],
        output: 'image',
        seed: index,
      }));
      const recognizable = mapped(generated, ([expected, image]) => ({
        image: image as RgbImage,
        expected,
        before: { original: expected.image },
      }));
      return recognize(predict, recognizable);
    },
    summarize: captionMetrics,
  };
  const edits: Evaluator<'generate', LabeledEdit, RecognizedEmoji> = {
    ...shared,
    name: 'edits',
    provenance: recognized,
    examples: () => set.edits(),
    evaluate(predict, examples) {
      const edited = predictEach('edits', predict.generate, examples, ({ index, source, instruction }) => ({
        prompt: [
          { modality: 'image', value: source.image },
          { modality: 'text', value: instruction },
        ],
        output: 'image',
        seed: index,
      }));
      const recognizable = mapped(edited, ([{ source, target }, image]) => ({
        image: image as RgbImage,
        expected: target,
        before: { original: source.image, expected: target.image },
      }));
      return recognize(predict, recognizable);
    },
    summarize: captionMetrics,
  };
  const inpainting: Evaluator<'generate' | 'inpaint', LabeledEmoji, InpaintedEmoji> = {
    ...shared,
    name: 'inpainting',
    needs: ['generate', 'inpaint'],
    provenance: recognized,
    examples: () => set.images(),
    async *evaluate(predict, examples) {
      const inpainted = predictEach('inpainting', predict.inpaint, examples, ({ index, image, caption }) => ({
        prompt: [{ modality: 'text', value: caption }],
        known: { modality: 'image', value: image },
        mask: halfMask(image.width, index),
        seed: index,
      }));
      const psnrs: number[] = [];
      const recognizable = mapped(inpainted, ([expected, value]) => {
        const image = value as RgbImage;
        psnrs.push(maskedDecibels(image, expected));
        return { image, expected, before: { original: expected.image } };
      });
      for await (const { result, shown } of recognize(predict, recognizable)) {
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
  const captioned = predictEach('captions', generate, images, ({ image }) => ({
    prompt: [{ modality: 'image', value: image }],
    output: 'text',
    seed: 0,
  }));
  for await (const [{ image, expected, before }, caption] of captioned) {
    const { subject, style } = expected;
    const values = { ...before, [before === undefined ? 'image' : 'generated']: image };
    yield {
      result: { subject, style, caption: caption as string },
      shown: [
        ...Object.entries(values).map(([label, value]) => ({ label, modality: 'image', value })),
        { label: 'wanted', modality: 'text', value: expected.caption },
        { label: 'caption', modality: 'text', value: caption },
      ],
    };
  }
}

async function* mapped<From, To>(values: AsyncIterable<From>, to: (value: From) => To): AsyncGenerator<To> {
  for await (const value of values) yield to(value);
}
