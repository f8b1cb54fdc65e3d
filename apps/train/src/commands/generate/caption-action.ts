import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import type { Command } from 'commander';
import { tokenSamplingOptions, type TextOptions } from '../../generation-options.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { readSegment } from './read-segment.js';

interface CaptionOptions extends LoadRunOptions, TextOptions {
  readonly seed: number;
}

/** Runs `transfusion caption`. */
export async function captionAction(
  run: string,
  files: readonly string[],
  options: CaptionOptions,
  command: Command,
): Promise<void> {
  const loaded = await loadRun(run, options, command);
  try {
    const { modalities } = loaded.model;
    const { tokens: maxTokens, stop, seed } = options;
    const sampling = tokenSamplingOptions(options);
    const output = modalityAccepting(modalities, '', 'text').name;
    async function* requests(): AsyncGenerator<GenerateRequest> {
      for (const [i, file] of files.entries()) {
        const prompt = [await readSegment(modalities, file)];
        yield { prompt, output, seed: seed + i, minTokens: 1, maxTokens, stop, ...sampling };
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
