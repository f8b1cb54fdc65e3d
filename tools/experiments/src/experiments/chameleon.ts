/**
 * Transfusion against Chameleon (Transfusion, section 4.2): images as latents that are denoised, or as VQ tokens that are
 * predicted; one transformer, equal total operations, the same pairs. The training of the autoencoders is not counted.
 */
import { join } from 'node:path';
import { compareMetrics, imageFeatureStatistics, meanMetric, type Metric } from '@transfusion/evaluators';
import { emojiEvaluators, emojiStyles, loadEmojiAutoencoder } from '@transfusion/emoji';
import { disposeParams } from '@transfusion/nn';
import { evaluateModel, runRecipe } from '@transfusion/runs';
import { stepFlops } from '../adapters/adapter-recipes.js';
import {
  comparedModels,
  comparisonRecipe,
  type ComparedModel,
  type ComparisonOptions,
} from '../chameleon/comparison-recipes.js';
import { imageMetrics, judgedImages, judgeImages, type RealFeatures } from '../chameleon/judged-images.js';
import { openVqAutoencoder } from '../chameleon/open-vq-autoencoder.js';
import { textLosses } from '../chameleon/text-losses.js';
import { numberValue } from '../command-line.js';
import { emojiPackages, validationImages, type LabeledImage } from '../emoji-set.js';
import type { Experiment, ExperimentRow, ExperimentValues } from '../experiment.js';
import { metricFigure } from '../figures.js';
import { INCEPTION_NAME, loadInceptionFeatures } from '../inception/inception-features.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import type { Judge } from '../judge/judge.js';
import { progressReport } from '../progress-report.js';
import { runsFolder } from '../runs-folder.js';

/** Metrics of the two models, by name. */
type Compared = Readonly<Record<ComparedModel, readonly Metric[]>>;

export const chameleonExperiment: Experiment = {
  description: 'Transfusion against Chameleon: images as latents or as VQ tokens, for the same compute',
  columns: ['seed', 'measure', 'count', 'transfusion', 'chameleon', 'difference'],
  options: {
    tflop: { description: 'training compute of each run, 10^12 operations', default: '80' },
    seeds: { description: 'seeds of the runs', default: '0,1' },
    'vq-steps': { description: 'training steps of the VQ autoencoder, if there is none', default: '1500' },
    count: { description: 'validation images to generate and to caption; there are 649', default: '324' },
    steps: { description: 'denoising steps', default: '25' },
    guidance: { description: "guidance scale of Transfusion's images; tokens have none", default: '3' },
    judge: {
      description: "'yes', or 'no' to skip the scores that need the judge and InceptionV3",
      default: 'yes',
    },
  },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const seeds = values['seeds'].split(',').map(Number);
    const images = await validationImages(numberValue(values, 'count', 2));
    const codec = await loadEmojiAutoencoder();
    const imageModality = await openVqAutoencoder(numberValue(values, 'vq-steps', 1));
    const scorer = values['judge'] === 'no' ? undefined : await openScorer();
    if (scorer !== undefined) {
      const real = images.map(({ image }) => image);
      const tokens = await Promise.all(real.map((image) => imageModality.encode(image)));
      const rebuilt = {
        transfusion: await codec.decode(await codec.encode(real)),
        chameleon: await Promise.all(tokens.map((ids) => imageModality.decode(ids))),
      };
      const of = async (shown: typeof real) => imageMetrics(await judgeImages(scorer.judge, shown, images));
      yield* rowsOf('(real)', { transfusion: await of(real), chameleon: await of(real) });
      yield* rowsOf('(rebuilt)', {
        transfusion: await of([...rebuilt.transfusion]),
        chameleon: await of(rebuilt.chameleon),
      });
    }
    const ofSeeds: Compared[] = [];
    for (const seed of seeds) {
      const compared: Record<string, readonly Metric[]> = {};
      for (const name of comparedModels) {
        const options = { codec, imageModality, seed };
        compared[name] = await trainAndScore(name, options, values, images, scorer);
      }
      ofSeeds.push(compared as Compared);
      yield* rowsOf(String(seed), compared as Compared);
    }
    if (seeds.length > 1) yield* rowsOf('all', pooled(ofSeeds));
    scorer?.dispose();
    codec.dispose();
    imageModality.dispose();
  },
  conclude: (rows) => {
    const last = rows.at(-1)?.['seed'];
    const clear = rows.filter(({ seed, difference }) => seed === last && String(difference).endsWith('*'));
    const aheadIn = (model: ComparedModel): string => {
      const measures = clear
        .filter(({ measure, difference }) => {
          const isLess = String(difference).startsWith('-');
          return (isLess === String(measure).includes('loss')) === (model === 'chameleon');
        })
        .map(({ measure }) => measure);
      return measures.join(', ') || 'nothing';
    };
    return (
      `For the same compute, Transfusion is clearly ahead in ${aheadIn('transfusion')}; Chameleon in ${aheadIn('chameleon')}. ` +
      'Intervals of 95 % are of the examples (bootstrap); a difference whose interval excludes 0 has a star. ' +
      'Real and rebuilt images show what a perfect model of latents or tokens would score. ' +
      `The Fréchet distance is of ${INCEPTION_NAME}; small sets are overestimated.`
    );
  },
};

/** The judge and the features of images; `dispose` frees the judge's weights. */
interface Scorer {
  readonly judge: Judge;
  readonly features: RealFeatures;
  dispose(): void;
}

async function openScorer(): Promise<Scorer> {
  const { judge, dispose } = await loadEmojiJudge();
  const extract = await loadInceptionFeatures();
  const real = (await validationImages()).map(({ image }) => image);
  return { judge, features: { extract, real: await imageFeatureStatistics(extract, real) }, dispose };
}

/** Trains a model, or goes on where that was interrupted, and returns its metrics. */
async function trainAndScore(
  name: ComparedModel,
  options: ComparisonOptions,
  values: ExperimentValues,
  images: readonly LabeledImage[],
  scorer: Scorer | undefined,
): Promise<Metric[]> {
  const tflop = numberValue(values, 'tflop');
  const recipe = comparisonRecipe(name, tflop * 1e12, options);
  const flops = stepFlops(recipe);
  // Another autoencoder is another run.
  const ofTokens = name === 'chameleon' ? `-${options.imageModality.id!.split(' ').at(-1)!.slice(0, 8)}` : '';
  const directory = join(runsFolder, 'chameleon', `${name}${ofTokens}-${tflop}-tflop-seed-${options.seed}`);
  const onStep = progressReport(`${name}, seed ${options.seed}`, recipe.totalSteps, () => flops);
  const { model, ema, step } = await runRecipe(recipe, { directory, onStep });
  const predictor = {
    numInferenceSteps: numberValue(values, 'steps', 1),
    guidanceScale: numberValue(values, 'guidance'),
    maxTokens: 32,
  };
  const [captions] = await emojiEvaluators({ resolveFrom: emojiPackages, styles: emojiStyles });
  const judged =
    scorer === undefined ? [] : [judgedImages({ judge: scorer.judge, images, features: scorer.features })];
  const evaluations = evaluateModel({ model, params: ema }, [...judged, captions] as never, {
    subject: `${name}, step ${step}`,
    folder: join(directory, 'scores', Object.values(predictor).join('-')),
    predictor,
    limit: images.length,
  });
  const metrics: Metric[] = [];
  for await (const { evaluator, metrics: found } of evaluations) {
    metrics.push(...found.map((metric) => (evaluator === 'captions' ? named(metric) : metric)));
  }
  metrics.push(...(await textLosses(model, ema, images)));
  disposeParams(ema);
  return [{ name: 'steps', value: step, count: 1 }, ...metrics];
}

/** Returns `caption style` for the metric `style` of captions. */
function named(metric: Metric): Metric {
  return metric.unit === 'share' ? { ...metric, name: `caption ${metric.name}` } : metric;
}

/** Joins the examples of all seeds, of metrics that are means of examples. */
function pooled(ofSeeds: readonly Compared[]): Compared {
  const join = (name: ComparedModel): Metric[] =>
    ofSeeds[0][name]
      .filter(({ values }) => values !== undefined)
      .map(({ name: metric, unit, betterIs }) => {
        const all = ofSeeds.flatMap((seed) => seed[name].find((one) => one.name === metric)!.values!);
        return meanMetric(metric, all, { unit, betterIs });
      });
  return { transfusion: join('transfusion'), chameleon: join('chameleon') };
}

function rowsOf(seed: string, { transfusion, chameleon }: Compared): ExperimentRow[] {
  return transfusion.map((first, i) => {
    const second = chameleon[i];
    const { difference, interval, isSignificant } = compareMetrics(first, second);
    const ofDifference = { ...first, value: difference, interval };
    return {
      seed,
      measure: first.name,
      count: first.count,
      transfusion: metricFigure(first),
      chameleon: metricFigure(second),
      difference: interval === undefined ? '' : `${metricFigure(ofDifference)}${isSignificant ? ' *' : ''}`,
    };
  });
}
