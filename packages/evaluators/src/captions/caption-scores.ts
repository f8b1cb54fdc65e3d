/** Evaluator of captions, of images or any other values: BLEU-4, CIDEr-D and exact match. */
import { TransfusionError } from '@transfusion/errors';
import { bootstrapInterval } from '../contract/bootstrap.js';
import type { Evaluator, Metric, Provenance } from '../contract/evaluator.js';
import { meanMetric } from '../contract/mean-metric.js';
import type { GenerationTask, PromptSegment } from '../contract/predictors.js';
import { numberedExamples, type NumberedExample } from '../generation/numbered-examples.js';
import { predictEach } from '../generation/predict-each.js';
import { bleuScore, bleuStatistics } from './bleu.js';
import { captionWords, type CaptionTokenizer } from './caption-sample.js';
import { ciderD } from './cider-d.js';
import { isExactMatch } from './is-exact-match.js';

/** A value to caption, such as `{ modality: 'image', value, references: ['a red heart'] }`. */
export interface CaptionExample extends PromptSegment {
  /** At least one; each has at least one word. */
  readonly references: readonly string[];
}

/** Result of an example. */
export type CaptionResult = { readonly caption: string; readonly references: readonly string[] };

/** Options of {@link captionScores}. */
export interface CaptionScoresOptions {
  /** In kebab-case, unique among the evaluators of a run. */
  readonly name: string;
  /** Opens the examples: always the same, in the same order. */
  examples(): AsyncIterable<CaptionExample> | Iterable<CaptionExample>;
  /** Name of the data, its hash; the seed and the kind of words are added. */
  readonly provenance?: Provenance;
  /** Seed of the first caption; the next ones follow. Defaults to 0. */
  readonly seed?: number;
  /** Splits captions into words; defaults to `captionWords`. */
  readonly tokenize?: CaptionTokenizer;
}

/** Evaluator of captions. */
export type CaptionScoresEvaluator = Evaluator<'generate', NumberedExample<CaptionExample>, CaptionResult>;

/**
 * Creates an evaluator that generates a caption for each value and compares it with its references: `BLEU-4` of all captions,
 * with a bootstrap over samples, and the means of `CIDEr-D` (with the words' rarity in all references) and `exact match`.
 */
export function captionScores({
  name,
  examples,
  provenance = {},
  seed = 0,
  tokenize = captionWords,
}: CaptionScoresOptions): CaptionScoresEvaluator {
  const words = tokenize === captionWords ? 'runs of letters and digits, in lower case' : tokenize.name;
  return {
    specificationVersion: 'v1',
    name,
    needs: ['generate'],
    provenance: { words: words || 'a function', seed, ...provenance },
    async *examples() {
      for await (const numbered of numberedExamples(examples())) {
        checkReferences(name, numbered, tokenize);
        yield numbered;
      }
    },
    async *evaluate(predict, numbered) {
      const predicted = predictEach(
        name,
        (tasks: AsyncIterable<GenerationTask>) => predict.generate(tasks),
        numbered,
        ({ index, example: { modality, value } }) => ({
          prompt: [{ modality, value }],
          output: 'text',
          seed: seed + index,
        }),
      );
      for await (const [{ index, example }, caption] of predicted) {
        if (typeof caption !== 'string') throw notText(name, index, caption);
        const { modality, value, references } = example;
        yield {
          result: { caption, references },
          shown: [
            { label: modality, modality, value },
            { label: 'generated', modality: 'text', value: caption },
            { label: 'references', modality: 'text', value: references.join('\n') },
          ],
        };
      }
    },
    summarize: (results) => captionMetrics(results, tokenize),
  };
}

function captionMetrics(results: readonly CaptionResult[], tokenize: CaptionTokenizer): readonly Metric[] {
  const samples = results.map(({ caption, references }) => ({ candidate: caption, references }));
  const { scores } = ciderD(samples, { tokenize });
  const statistics = samples.map((sample) => bleuStatistics(sample, { tokenize }));
  const isExact = samples.map((sample) => Number(isExactMatch(sample, { tokenize })));
  return [
    {
      name: 'BLEU-4',
      value: bleuScore(statistics),
      count: samples.length,
      interval: bootstrapInterval(samples.length, (indices) =>
        bleuScore(Array.from(indices, (i) => statistics[i])),
      ),
      betterIs: 'higher',
    },
    meanMetric('CIDEr-D', scores, { betterIs: 'higher' }),
    meanMetric('exact match', isExact, { betterIs: 'higher', unit: 'share' }),
  ];
}

function checkReferences(
  name: string,
  { index, example: { references } }: NumberedExample<CaptionExample>,
  tokenize: CaptionTokenizer,
): void {
  if (!Array.isArray(references) || references.length === 0) {
    throw new TransfusionError(
      'invalid-argument',
      `${name}: example ${index} has no references, expected at least one. Add one, or remove the example.`,
    );
  }
  const empty = references.findIndex(
    (reference) => typeof reference !== 'string' || tokenize(reference).length === 0,
  );
  if (empty < 0) return;
  throw new TransfusionError(
    'invalid-argument',
    `${name}: reference ${empty} of example ${index} is ${JSON.stringify(references[empty])}, expected a text with at ` +
      'least one word. Correct or remove it.',
  );
}

function notText(name: string, index: number, value: unknown): TransfusionError {
  return new TransfusionError(
    'mismatch',
    `${name}: the caption of example ${index} is of type ${typeof value}, expected a string. Let the model generate text.`,
  );
}
