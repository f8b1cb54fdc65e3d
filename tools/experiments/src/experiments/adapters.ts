/**
 * What an autoencoder and a U-Net adapter are worth for the same compute: four runs of as many operations of the
 * transformer and its adapters, from the same seed, on the same documents. The autoencoder was trained before;
 * what it costs is not counted.
 */
import { join } from 'node:path';
import { loadEmojiAutoencoder } from '@transfusion/emoji';
import { disposeParams } from '@transfusion/nn';
import { runRecipe } from '@transfusion/recipes';
import { adapterNames, adapterRecipe, stepFlops } from '../adapters/adapter-recipes.js';
import { numberValue } from '../command-line.js';
import { heldOutPictures } from '../emoji-set.js';
import { loadDistanceFromReal } from '../emoji-scores/distance-from-real.js';
import { scoreEmojiModel, type EmojiScores } from '../emoji-scores/score-emoji-model.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { INCEPTION_NAME } from '../inception/inception-features.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import { progressReport } from '../progress-report.js';
import { fromRoot, runsFolder } from '../runs-folder.js';

export const adaptersExperiment: Experiment = {
  description: 'pixels, latents and a U-Net adapter for the same compute',
  columns: [
    'adapter',
    'steps',
    'Fréchet',
    'draws style',
    'draws subject',
    'draws it of 5',
    'says style',
    'says subject',
    'CIDEr-D',
  ],
  options: {
    tflop: { description: 'training compute of each run, 10^12 operations', default: '200' },
    seed: { description: 'of the runs and of what they draw', default: '0' },
    count: { description: 'held-out pictures to draw and to name; there are 649', default: '324' },
    steps: { description: 'steps from noise to picture', default: '25' },
    guidance: { description: 'how strictly to follow the caption', default: '3' },
    cache: { description: 'where latents are cached', default: 'runs/emoji-latents/cache' },
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
    const { judge, accuracy, dispose } = await loadEmojiJudge();
    const { codec, dispose: disposeCodec } = await loadEmojiAutoencoder();
    const distance = await loadDistanceFromReal();
    const images = (await heldOutPictures(count)).map(({ image }) => image);
    const reconstructed = await codec.decode(await codec.encode(images));
    yield rowOf('(real)', '', { drawing: { ...accuracy.real, frechet: await distance(images) } });
    yield rowOf('(autoencoder)', '', {
      drawing: { ...accuracy.reconstructed, frechet: await distance(reconstructed) },
    });
    for (const name of adapterNames) {
      const cache = fromRoot(values['cache']);
      const recipe = adapterRecipe(name, tflop * 1e12, { codec, cache, seed });
      const flops = stepFlops(recipe);
      const ofSettings = folderName(`${tflop} tflop seed ${seed} ${codec.id}`);
      const directory = join(runsFolder, 'adapters', ofSettings, folderName(name));
      const onStep = progressReport(name, recipe.totalSteps, () => flops);
      const { model, ema, step } = await runRecipe(recipe, { directory, onStep });
      const loaded = { model, params: ema, step };
      const tasks = ['drawing', 'captions'] as const;
      const folder = join(directory, 'scores');
      const scores = await scoreEmojiModel(loaded, { judge, tasks, count, settings, distance, folder });
      disposeParams(ema);
      yield rowOf(name, recipe.totalSteps, scores);
    }
    disposeCodec();
    dispose();
  },
  conclude: (rows) => {
    const best = rows
      .slice(2)
      .reduce((least, row) => (Number(row['Fréchet']) < Number(least['Fréchet']) ? row : least));
    return (
      `For the same compute, ${best['adapter']} draws what is nearest to the real pictures. The first two rows are ` +
      'what the judge and the distance make of the real pictures, and of them as the autoencoder gives them back. ' +
      `The Fréchet distance is of ${INCEPTION_NAME}, from all real held-out pictures; small sets are estimated too far.`
    );
  },
};

function rowOf(adapter: string, steps: number | '', { drawing, captions }: EmojiScores): ExperimentRow {
  return {
    adapter,
    steps,
    Fréchet: drawing?.frechet?.toFixed(3) ?? '',
    'draws style': drawing === undefined ? '' : percent(drawing.style),
    'draws subject': drawing === undefined ? '' : percent(drawing.subjectTop1),
    'draws it of 5': drawing === undefined ? '' : percent(drawing.subjectTop5),
    'says style': captions === undefined ? '' : percent(captions.style),
    'says subject': captions === undefined ? '' : percent(captions.subject),
    'CIDEr-D': captions?.ciderD.toFixed(2) ?? '',
  };
}

/** `u-net-latents` of `U-Net, latents`. */
function folderName(name: string): string {
  return name.toLowerCase().replaceAll(/,? /g, '-');
}
