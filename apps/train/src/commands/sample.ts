import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GenerationRequest } from '@transfusion/core';
import { encodeDocument } from '@transfusion/modality';
import { writePng, type RgbImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { pictureGrid } from '@transfusion/recipes';
import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { generateValues, modalityOfPictures, modalityOfText } from '../generated-values.js';
import { notNegative, wholeNumber } from '../option-values.js';
import { openRun } from '../run-folder.js';

interface SampleCommandOptions {
  readonly count: number;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
  readonly tokens: number;
  readonly out: string;
  readonly recipe?: string;
  readonly data?: string;
}

/** `transfusion sample` */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('Draws what a prompt says, into a PNG file. A model of text alone continues the prompt.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<prompt>', 'what the document begins with')
    .option('--count <number>', 'how many; several pictures become a grid', wholeNumber(1), 1)
    .option('--steps <number>', 'steps from noise to picture', wholeNumber(1), 50)
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
  const draws = modalities.continuous.length > 0;
  const segments = [{ modality: modalityOfText(modalities).name, value: prompt }];
  const encoded = await encodeDocument(modalities, { segments });
  const requests = Array.from({ length: options.count }, (_, i): GenerationRequest => ({
    prompt: encoded,
    seed: options.seed + i,
    begin: draws ? { modality: modalityOfPictures(modalities).name } : undefined,
    maxTokens: draws ? 0 : options.tokens,
    spans: { numInferenceSteps: options.steps, guidanceScale: options.guidance },
  }));
  const drawn: RgbImage[] = [];
  for await (const { text, pictures } of generateValues(opened, requests)) {
    if (draws) drawn.push(...pictures);
    else console.log(`${prompt}${text}`);
  }
  disposeParams(opened.params);
  if (!draws) return;
  await mkdir(dirname(options.out), { recursive: true });
  await writePng(options.out, pictureGrid(drawn));
  console.log(options.out);
}
