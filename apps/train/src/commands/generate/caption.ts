import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { loadRun, RUN_HELP, type LoadRunOptions } from '../../load-run.js';
import { integerAtLeast, nonNegativeNumber } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { readSegment } from './read-segment.js';

interface CaptionOptions extends LoadRunOptions {
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
}

/** Creates the `transfusion caption` command. */
export function captionCommand(): Command {
  const command = new Command('caption')
    .description('Captions images, or files of any other modality of the model: prints one line per file.')
    .argument('<run>', RUN_HELP)
    .argument('<file...>', "files of the model's modalities, such as PNG or JPEG")
    .option('--tokens <number>', 'maximum number of tokens per caption', integerAtLeast(1), 64)
    .option(
      '--temperature <number>',
      "softmax temperature: 0 is greedy, 1 samples from the model's distribution",
      nonNegativeNumber,
      0,
    )
    .option('--seed <number>', 'random seed; file i uses seed + i', integerAtLeast(0), 0);
  return withRecipeOptions(command).action(captionAction);
}

async function captionAction(
  run: string,
  files: readonly string[],
  options: CaptionOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const loaded = await loadRun(run, options);
  try {
    const { modalities } = loaded.model;
    const { tokens: maxTokens, temperature, seed } = options;
    const output = modalityAccepting(modalities, '', 'text').name;
    async function* requests(): AsyncGenerator<GenerateRequest> {
      for (const [i, file] of files.entries()) {
        const prompt = [await readSegment(modalities, file)];
        yield { prompt, output, seed: seed + i, minTokens: 1, maxTokens, temperature };
      }
    }
    let next = 0;
    for await (const caption of generateEach(loaded, requests())) {
      console.log(`${files[next++]}: ${(caption as string).replaceAll('\n', ' ')}`);
    }
  } finally {
    loaded.dispose();
  }
}
