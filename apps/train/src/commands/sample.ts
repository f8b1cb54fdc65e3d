import type { ContinuousModality } from '@transfusion/modality';
import { disposeParams } from '@transfusion/nn';
import {
  generateEach,
  modalityOf,
  textToImage,
  type GenerateRequest,
  type TrainedModel,
} from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { notNegative, imageSize, wholeNumber } from '../option-values.js';
import { latentShapeOf, type ImageSize } from '../image-sizes.js';
import { writeImages } from '../image-files.js';
import { openRun } from '../run-folder.js';

interface SampleCommandOptions {
  readonly count: number;
  readonly size?: ImageSize;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
  readonly tokens: number;
  readonly out: string;
  readonly recipe?: string;
  readonly data?: string;
}

const PIXEL = { width: 1, height: 1, data: new Uint8Array(3) };

/** `transfusion sample` */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('Draws what a prompt says, into a PNG file. A model of text alone continues the prompt.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<prompt>', 'what the document begins with')
    .option('--count <number>', 'how many; several images become a grid', wholeNumber(1), 1)
    .option(
      '--size <width x height>',
      'of the images in pixels, 96x64; unless given, the model chooses among its sizes',
      imageSize,
    )
    .option('--steps <number>', 'steps from noise to image', wholeNumber(1), 50)
    .option('--guidance <scale>', 'how strictly to follow the prompt; 1 is no guidance', notNegative, 3)
    .option('--seed <number>', 'decides what is drawn; further ones count up from it', wholeNumber(0), 0)
    .option('--tokens <number>', 'how long a text may become', wholeNumber(1), 128)
    .option('--out <file>', 'the PNG file', 'sample.png')
    .option('--recipe <recipe>', 'the recipe of the run, if its folder does not say')
    .option('--data <file>', 'that of the recipe, if it needs one')
    .action(sampleAction);
}

async function sampleAction(
  run: string,
  prompt: string,
  options: SampleCommandOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const opened = await openRun(run, options.recipe, options.data);
  const { modalities } = opened.model;
  const draws = modalities.continuous.length > 0 || options.size !== undefined;
  if (draws) await draw(opened, prompt, options);
  else await continueText(opened, prompt, options);
  disposeParams(opened.params);
}

async function draw(
  trained: TrainedModel,
  prompt: string,
  { count, size, seed, steps, guidance, out }: SampleCommandOptions,
): Promise<void> {
  const images = modalityOf(trained.model.modalities, PIXEL, 'images') as ContinuousModality;
  const texts = Array.from({ length: count }, () => prompt);
  const drawn = await textToImage(trained, texts, {
    seed,
    numInferenceSteps: steps,
    guidanceScale: guidance,
    latentShape: size === undefined ? undefined : await latentShapeOf(images, size),
  });
  await writeImages(out, drawn);
}

async function continueText(
  trained: TrainedModel,
  text: string,
  { count, seed, tokens }: SampleCommandOptions,
): Promise<void> {
  const modality = modalityOf(trained.model.modalities, text, 'text').name;
  const requests = Array.from({ length: count }, (_, i): GenerateRequest => ({
    prompt: [{ modality, value: text }],
    output: modality,
    seed: seed + i,
    maxTokens: tokens,
  }));
  for await (const written of generateEach(trained, requests)) console.log(`${text}${written as string}`);
}
