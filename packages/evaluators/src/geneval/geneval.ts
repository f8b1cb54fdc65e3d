/** Evaluator of images generated for GenEval's prompts (Ghosh et al. 2023, https://arxiv.org/abs/2310.11513). */
import { TransfusionError } from '@transfusion/errors';
import type { Evaluator, Provenance, ShownValue } from '../contract/evaluator.js';
import type { GenerationTask } from '../contract/predictors.js';
import { numberedExamples, type NumberedExample } from '../generation/numbered-examples.js';
import { predictEach } from '../generation/predict-each.js';
import {
  checkDetections,
  confidentObjects,
  type DetectedObject,
  type ObjectDetector,
} from './detected-object.js';
import { genevalAtoms } from './geneval-atoms.js';
import { genevalMetrics, type GenevalImage, type GenevalResult } from './geneval-metrics.js';
import type { GenevalPrompt } from './geneval-prompt.js';

/** Options of {@link geneval}. */
export interface GenevalOptions {
  readonly prompts: readonly GenevalPrompt[];
  readonly detector: ObjectDetector;
  /** Returns the color of an object. Needed if prompts have colors and the detector does not return them. */
  readonly classifyColor?: (image: unknown, object: DetectedObject) => Promise<string>;
  /** In kebab-case, unique among the evaluators of a run; defaults to `geneval`. */
  readonly name?: string;
  /** Modality to generate; defaults to `image`. */
  readonly output?: string;
  /** Images per prompt; defaults to 4, as in the paper. */
  readonly imagesPerPrompt?: number;
  /** Seed of the first image; the next ones follow. Defaults to 0. */
  readonly seed?: number;
  /** Objects count above this score; defaults to 0.3. */
  readonly threshold?: number;
  /** The same for prompts of the skill `counting`; defaults to 0.9. */
  readonly countingThreshold?: number;
  /** Share of two objects' sides that their centers must be apart; defaults to 0.1. */
  readonly positionThreshold?: number;
  /** Maximum number of objects of a class, the most confident ones; defaults to 16. */
  readonly maxObjects?: number;
  /** Hashes of the prompts and of the color classifier; the rest is added. */
  readonly provenance?: Provenance;
}

/** Evaluator of GenEval's prompts. */
export type GenevalEvaluator = Evaluator<'generate', NumberedExample<GenevalPrompt>, GenevalResult>;

/**
 * Creates an evaluator that generates images for prompts, detects objects, and tests each requirement of the prompt. The
 * metric `GenEval` is the mean of the skills, with a bootstrap over prompts.
 *
 * @throws TransfusionError `invalid-argument` for prompts with a class that the detector does not know, or options out of range
 */
export function geneval(options: GenevalOptions): GenevalEvaluator {
  const { prompts, detector, name = 'geneval', output = 'image', imagesPerPrompt = 4, seed = 0 } = options;
  const { threshold = 0.3, countingThreshold = 0.9, positionThreshold = 0.1, maxObjects = 16 } = options;
  if (!Number.isSafeInteger(imagesPerPrompt) || imagesPerPrompt < 1) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: imagesPerPrompt is ${imagesPerPrompt}, expected a positive integer.`,
    );
  }
  checkClasses(name, prompts, detector);
  return {
    specificationVersion: 'v1',
    name,
    needs: ['generate'],
    provenance: {
      detector: detector.id,
      imagesPerPrompt,
      seed,
      threshold,
      countingThreshold,
      positionThreshold,
      maxObjects,
      ...options.provenance,
    },
    examples: () => numberedExamples(prompts),
    async *evaluate(predict, examples) {
      const generated = predictEach(
        name,
        (tasks: AsyncIterable<GenerationTask>) => predict.generate(tasks),
        repeat(examples, imagesPerPrompt),
        ({ prompt: { index, example }, copy }) => ({
          prompt: [{ modality: 'text', value: example.prompt }],
          output,
          seed: seed + index * imagesPerPrompt + copy,
        }),
      );
      let images: GenevalImage[] = [];
      let shown: ShownValue[] = [];
      for await (const [{ prompt, copy }, value] of generated) {
        const { index, example } = prompt;
        const where = `${name}: prompt ${index}, image ${copy}`;
        const verdict = await judge(where, example, value);
        images.push(verdict);
        shown.push({ label: verdict.isCorrect ? 'correct' : 'wrong', modality: output, value });
        if (images.length < imagesPerPrompt) continue;
        const { tag } = example;
        yield {
          result: { tag, prompt: example.prompt, images },
          shown: [{ label: 'prompt', modality: 'text', value: example.prompt }, ...shown],
        };
        [images, shown] = [[], []];
      }
    },
    summarize: genevalMetrics,
  };

  async function judge(where: string, prompt: GenevalPrompt, image: unknown): Promise<GenevalImage> {
    const detected = await detector.detect(image);
    checkDetections(where, detected);
    const minScore = prompt.tag === 'counting' ? countingThreshold : threshold;
    const objects = confidentObjects(detected, minScore, maxObjects);
    const colorOf = async (object: DetectedObject): Promise<string> => {
      const color = options.classifyColor ? await options.classifyColor(image, object) : object.color;
      if (typeof color === 'string') return color;
      throw new TransfusionError(
        'invalid-argument',
        `${where}: the color of the ${object.class} is ${String(color)}, expected a string, which this prompt tests. ` +
          'Pass classifyColor, or a detector that returns colors.',
      );
    };
    const atoms = await genevalAtoms(prompt, objects, colorOf, positionThreshold);
    return { isCorrect: atoms.every(({ holds }) => holds), atoms };
  }
}

async function* repeat<T>(
  values: AsyncIterable<T>,
  count: number,
): AsyncGenerator<{ readonly prompt: T; readonly copy: number }> {
  for await (const prompt of values) {
    for (let copy = 0; copy < count; copy++) yield { prompt, copy };
  }
}

/** Refuses classes that would never be found. */
function checkClasses(name: string, prompts: readonly GenevalPrompt[], { classes }: ObjectDetector): void {
  if (classes === undefined) return;
  prompts.forEach(({ include, exclude = [] }, index) => {
    const unknown = [...include, ...exclude].find((entry) => !classes.includes(entry.class));
    if (unknown === undefined) return;
    throw new TransfusionError(
      'invalid-argument',
      `${name}: prompt ${index} has the class '${unknown.class}', expected one that the detector knows: ` +
        `${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ` and ${classes.length - 5} more` : ''}. ` +
        'Rename its classes, or use another detector.',
    );
  });
}
