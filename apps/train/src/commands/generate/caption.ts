import { generateEach, modalityOf, type GenerateRequest } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { openRun, type OpenRunOptions } from '../../open-run.js';
import { integerFrom, nonNegative } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { readSegment } from './read-segment.js';

interface CaptionOptions extends OpenRunOptions {
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
}

/** `transfusion caption` */
export function captionCommand(): Command {
  const command = new Command('caption')
    .description('Captions images, or files of any other modality of the model: a line of text for each.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<file...>', "files of the model's modalities, such as PNG or JPEG")
    .option('--tokens <number>', 'most tokens of a caption', integerFrom(1), 64)
    .option('--temperature <number>', '0 takes the likeliest token, 1 samples', nonNegative, 0)
    .option('--seed <number>', 'decides what is sampled; further files count up from it', integerFrom(0), 0);
  return withRecipeOptions(command).action(captionAction);
}

async function captionAction(
  run: string,
  files: readonly string[],
  options: CaptionOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const opened = await openRun(run, options);
  try {
    const { modalities } = opened.model;
    const { tokens: maxTokens, temperature, seed } = options;
    const output = modalityOf(modalities, '', 'text').name;
    async function* requests(): AsyncGenerator<GenerateRequest> {
      for (const [i, file] of files.entries()) {
        const prompt = [await readSegment(modalities, file)];
        yield { prompt, output, seed: seed + i, minTokens: 1, maxTokens, temperature };
      }
    }
    let next = 0;
    for await (const caption of generateEach(opened, requests())) {
      console.log(`${files[next++]}: ${(caption as string).replaceAll('\n', ' ')}`);
    }
  } finally {
    opened.dispose();
  }
}
