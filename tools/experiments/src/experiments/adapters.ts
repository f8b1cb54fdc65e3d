/**
 * The value of an autoencoder and of a U-Net adapter for the same compute: runs with equal total operations of the
 * transformer and its adapters, from the same seed, on the same documents. The training of the autoencoder is not
 * counted.
 */
import { join } from 'node:path';
import type { RgbImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { runRecipe } from '@transfusion/runs';
import { adapterNames, adapterRecipe, stepFlops } from '../adapters/adapter-recipes.js';
import { adapterSetups, type AdapterSetup } from '../adapters/adapter-setups.js';
import { numberValue } from '../command-line.js';
import { validationImages } from '../emoji-set.js';
import { loadDistanceFromReal } from '../emoji-scores/distance-from-real.js';
import { scoreEmojiModel, type EmojiScores } from '../emoji-scores/score-emoji-model.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { INCEPTION_NAME } from '../inception/inception-features.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import { judgedShares } from '../judge/judged-shares.js';
import { progressReport } from '../progress-report.js';
import { runsFolder } from '../runs-folder.js';

export const adaptersExperiment: Experiment = {
  description: 'pixels, latents and a U-Net adapter for the same compute',
  columns: [
    'adapter',
    'steps',
    'Fréchet',
    'image style accuracy',
    'image subject accuracy',
    'image subject top-5 accuracy',
    'caption style accuracy',
    'caption subject accuracy',
    'CIDEr-D',
  ],
  options: {
    tflop: { description: 'training compute of each run, 10^12 operations', default: '200' },
    seed: { description: 'seed of the runs and of generation', default: '0' },
    count: { description: 'validation images to generate and to caption; there are 649', default: '324' },
    steps: { description: 'denoising steps', default: '25' },
    guidance: { description: 'guidance scale', default: '3' },
    setup: {
      description: "'small': few parameters, latents of 16 x 16; 'emoji': those of @transfusion/emoji",
      default: 'small',
    },
  },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const tflop = numberValue(values, 'tflop');
    const seed = numberValue(values, 'seed');
    const count = numberValue(values, 'count', 2);
    const settings = {
      numInferenceSteps: numberValue(values, 'steps', 1),
      guidanceScale: numberValue(values, 'guidance'),
      seed,
    };
    const setup = setupOf(values['setup']);
    const codec = await setup.open();
    const { judge, dispose } = await loadEmojiJudge();
    const distance = await loadDistanceFromReal();
    const labeled = await validationImages(count);
    const images = labeled.map(({ image }) => image);
    const judged = async (generated: RgbImage[]): Promise<EmojiScores> => ({
      'text-to-image': {
        ...judgedShares(await judge(generated), labeled),
        frechet: await distance(generated),
      },
    });
    yield rowOf('(real)', '', await judged(images));
    yield rowOf('(autoencoder)', '', await judged([...(await codec.decode(await codec.encode(images)))]));
    for (const name of adapterNames(setup)) {
      const recipe = adapterRecipe(name, tflop * 1e12, { setup, codec, seed });
      const flops = stepFlops(recipe);
      const ofSettings = folderName(`${values['setup']} ${tflop} tflop seed ${seed} ${codec.id}`);
      const directory = join(runsFolder, 'adapters', ofSettings, folderName(name));
      const onStep = progressReport(name, recipe.totalSteps, () => flops);
      const { model, ema, step } = await runRecipe(recipe, { directory, onStep });
      const loaded = { model, params: ema, step };
      const tasks = ['text-to-image', 'captioning'] as const;
      const folder = join(directory, 'scores');
      const scores = await scoreEmojiModel(loaded, { judge, tasks, count, settings, distance, folder });
      disposeParams(ema);
      yield rowOf(name, recipe.totalSteps, scores);
    }
    codec.dispose();
    dispose();
  },
  conclude: (rows) => {
    const best = rows
      .slice(2)
      .reduce((least, row) => (Number(row['Fréchet']) < Number(least['Fréchet']) ? row : least));
    return (
      `For the same compute, ${best['adapter']} generates the images nearest to the real ones. The first two rows are ` +
      'the scores of the real images, and of their reconstructions by the autoencoder. ' +
      `The Fréchet distance is of ${INCEPTION_NAME}, from all real validation images; small sets are overestimated.`
    );
  },
};

function rowOf(
  adapter: string,
  steps: number | '',
  { 'text-to-image': textToImage, captioning }: EmojiScores,
): ExperimentRow {
  return {
    adapter,
    steps,
    Fréchet: textToImage?.frechet?.toFixed(3) ?? '',
    'image style accuracy': textToImage === undefined ? '' : percent(textToImage.style),
    'image subject accuracy': textToImage === undefined ? '' : percent(textToImage.subjectTop1),
    'image subject top-5 accuracy': textToImage === undefined ? '' : percent(textToImage.subjectTop5),
    'caption style accuracy': captioning === undefined ? '' : percent(captioning.style),
    'caption subject accuracy': captioning === undefined ? '' : percent(captioning.subject),
    'CIDEr-D': captioning?.ciderD.toFixed(2) ?? '',
  };
}

function setupOf(name: string): AdapterSetup {
  if (Object.hasOwn(adapterSetups, name)) return adapterSetups[name as keyof typeof adapterSetups];
  throw new RangeError(`--setup is '${name}', expected ${Object.keys(adapterSetups).join(' or ')}`);
}

/** Returns `u-net-latents` for `U-Net, latents`. */
function folderName(name: string): string {
  return name.toLowerCase().replaceAll(/,? /g, '-');
}
