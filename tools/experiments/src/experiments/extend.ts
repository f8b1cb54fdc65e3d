/**
 * Curves added to the shipped model of text and images: the validation loss of the new task against that of a model trained on
 * it alone, and that of the old task before and after. A step has as many curves in each run; the runs that extend the model
 * have as many emoji beside them.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transfusion, TransfusionParams } from '@transfusion/core';
import { createDocumentStream, streamBatches, type DocumentSource } from '@transfusion/data';
import { emojiModelFolder, loadEmoji } from '@transfusion/emoji';
import { curve } from '@transfusion/examples/curve-modality';
import { countParams, disposeParams } from '@transfusion/nn';
import { extendModel, runRecipe } from '@transfusion/runs';
import { validationLoss } from '@transfusion/trainer';
import { stepFlops } from '../adapters/adapter-recipes.js';
import { numberValue } from '../command-line.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { cachedEmoji } from '../extend/cached-emoji.js';
import { curveSource } from '../extend/curve-set.js';
import { bothOrders, captionNoiseLimit, extendRecipe, extendSetups } from '../extend/extend-recipes.js';
import { progressReport } from '../progress-report.js';
import { runsFolder } from '../runs-folder.js';

const VALIDATION_BATCHES = 8;

export const extendExperiment: Experiment = {
  description: 'a modality added to the shipped model, against a model of that modality alone',
  columns: [
    'model',
    'curve loss',
    'curve text',
    'curves together',
    'emoji loss',
    'emoji text',
    'emoji together',
    'LoRA',
  ],
  options: {
    steps: { description: 'training steps of each run', default: '300' },
    rank: { description: 'rank of the updates', default: '4' },
    setups: { description: 'models to train', default: extendSetups.join(',') },
  },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const steps = numberValue(values, 'steps', 1);
    const rank = numberValue(values, 'rank', 1);
    const shipped = await loadEmoji();
    const image = shipped.model.modalities.continuous[0];
    const data = {
      curves: { source: curveSource('train', 4096), transform: bothOrders },
      emoji: { source: await cachedEmoji(image, 'train'), transform: bothOrders },
    };
    const curves = curveSource('validation', 512);
    const emoji = await cachedEmoji(image, 'validation');
    const before = await extendModel(emojiModelFolder, shipped.model.modalities, [curve()]);
    const ofShipped = await lossesOf(before.model, before.params, { emoji });
    yield { model: 'shipped', ...ofShipped, LoRA: '' };
    before.dispose();
    const chosen = values['setups'].split(',');
    for (const setup of extendSetups.filter((name) => chosen.includes(name))) {
      const recipe = extendRecipe(setup, shipped.model, data, { steps, rank });
      const directory = join(runsFolder, 'extend', `${setup.replaceAll(/\W+/g, '-')}-${steps}`);
      const flops = stepFlops(recipe);
      const onStep = progressReport(setup, steps, () => flops);
      const { model, ema } = await runRecipe(recipe, { directory, onStep });
      const losses = await lossesOf(model, ema, setup === 'alone' ? { curves } : { curves, emoji });
      const lora = await loraSize(ema);
      disposeParams(ema);
      yield { model: setup, ...losses, LoRA: lora };
    }
    shipped.dispose();
  },
  conclude: (rows) => {
    const ratio = (column: string, after: string, reference: string): string => {
      const of = (name: string): number => Number(rows.find((row) => row['model'] === name)![column]);
      return `${((of(after) / of(reference) - 1) * 100).toFixed(1)} %`;
    };
    return extendSetups
      .slice(1)
      .filter(
        (setup) => rows.some((row) => row['model'] === setup) && rows.some((row) => row['model'] === 'alone'),
      )
      .map(
        (setup) =>
          `${setup}: loss of curves ${ratio('curves together', setup, 'alone')} above that of curves alone, ` +
          `loss of emoji ${ratio('emoji together', setup, 'shipped')} above that of the shipped model.`,
      )
      .join('\n');
  },
};

/** Losses of the tasks, always on the same documents, timesteps and noise. */
async function lossesOf(
  model: Transfusion,
  params: TransfusionParams,
  tasks: Readonly<Record<string, DocumentSource>>,
): Promise<ExperimentRow> {
  const row: Record<string, string> = {};
  const names = { curves: ['curve', 'curve'], emoji: ['emoji', 'image'] } as const;
  for (const [task, [label, modality]] of Object.entries(names)) {
    const source = tasks[task];
    const losses = source === undefined ? undefined : await evaluate(model, params, source);
    const figure = (name: string): string => losses?.[`validation/${name}`].toFixed(4) ?? '';
    row[`${label} loss`] = figure(modality);
    row[`${label} text`] = figure('tokens');
    row[`${task} together`] = figure('loss');
  }
  return row;
}

async function evaluate(
  model: Transfusion,
  params: TransfusionParams,
  source: DocumentSource,
): Promise<Record<string, number>> {
  const stream = createDocumentStream([{ source, transform: bothOrders }], 0);
  const shape = { numRows: 8, rowLength: 96, spanCapacity: { 'curve:64': 48, 'image:8x8x8': 40 } };
  const known = Object.fromEntries(
    Object.entries(shape.spanCapacity).filter(([key]) =>
      model.modalities.continuous.some(({ name }) => key.startsWith(`${name}:`)),
    ),
  );
  const evaluation = validationLoss({
    model,
    every: 1,
    numBatches: VALIDATION_BATCHES,
    batches: () =>
      streamBatches(stream, { model, shape: { ...shape, spanCapacity: known }, captionNoiseLimit }),
  });
  const losses = await evaluation.evaluate(params);
  evaluation.dispose();
  return losses;
}

/** Formats the size of a file of the updates in float32, and its share of the shipped model's. */
async function loraSize({ lora }: TransfusionParams): Promise<string> {
  if (lora === undefined) return '';
  const size = 4 * countParams(lora);
  const { size: whole } = await stat(join(emojiModelFolder, 'ema.safetensors'));
  return `${(size / 1000).toFixed(0)} kB, ${((size / whole) * 100).toFixed(2)} %`;
}
