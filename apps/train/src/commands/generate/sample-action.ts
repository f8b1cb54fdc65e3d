import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry } from '@transfusion/modality';
import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import type { Command } from 'commander';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { createGenerationProgress } from './generation-progress.js';
import { readPrompts } from './read-prompts.js';
import { createOutput } from './sample-output.js';
import { samplerNamed } from './sampler.js';
import { latentShapeOf, type ValueSize } from './value-sizes.js';

interface SampleOptions extends LoadRunOptions {
  readonly prompts?: string;
  readonly output?: string;
  readonly count: number;
  readonly size?: ValueSize;
  readonly sampler?: string;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
  readonly tokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Runs `transfusion sample`. */
export async function sampleAction(
  run: string,
  prompt: string | undefined,
  options: SampleOptions,
  command: Command,
): Promise<void> {
  const prompts = await readPrompts(prompt, options.prompts);
  const loaded = await loadRun(run, options, command);
  try {
    const { modalities } = loaded.model;
    const output = options.output ?? defaultOutput(modalities);
    if (output !== 'document') checkOutput(modalities.get(output));
    const requests = await sampleRequests(modalities, prompts, output, options);
    const progress = createGenerationProgress(requests.length, process.stderr);
    const show = createOutput(modalities, output, options);
    let i = 0;
    try {
      for await (const generated of generateEach(loaded, requests, progress.add)) {
        const { seed } = requests[i];
        const from = { seed: seed!, prompt: prompts[Math.floor(i / options.count)] };
        i++;
        progress.clear();
        await show.add(generated, from, requests.length > 1 ? String(i) : undefined);
      }
    } finally {
      progress.clear();
    }
    await show.end();
  } finally {
    loaded.dispose();
  }
}

/** Returns the name of the first non-text modality that has files, or of the text modality. */
function defaultOutput(modalities: ModalityRegistry): string {
  const all: readonly Modality[] = modalities.modalities;
  const withFiles = all.find((modality) => modality.media !== undefined && !modality.accepts(''));
  return (withFiles ?? modalityAccepting(modalities, '', 'text')).name;
}

/** Checks that values can be written or printed, before a generation that may take minutes. */
function checkOutput({ name, media, accepts }: Modality): void {
  if (media !== undefined || accepts('')) return;
  throw new TransfusionError(
    'invalid-argument',
    `sample: '${name}' has no media, so its values can be neither written nor printed. Add media to the modality.`,
  );
}

async function sampleRequests(
  modalities: ModalityRegistry,
  prompts: readonly string[],
  output: string,
  { count, size, sampler, steps, guidance, seed, tokens, temperature, topK, topP }: SampleOptions,
): Promise<GenerateRequest[]> {
  const latentShape =
    size === undefined ? undefined : await latentShapeOf(sizedOutput(modalities, output), size);
  const scheduler =
    sampler === undefined ? undefined : samplerNamed(denoisedOutput(modalities, output), sampler);
  const text = modalityAccepting(modalities, '', 'text').name;
  return prompts
    .flatMap((prompt) => Array.from({ length: count }, () => prompt))
    .map((prompt, i) => ({
      prompt: prompt === '' ? [] : [{ modality: text, value: prompt }],
      output,
      seed: seed + i,
      latentShape,
      scheduler,
      numInferenceSteps: steps,
      guidanceScale: guidance,
      maxTokens: tokens,
      temperature,
      topK,
      topP,
    }));
}

/** Returns the modality that is denoised: the first continuous one, for a document. */
function denoisedOutput(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  const [first] = modalities.continuous as readonly Modality[];
  if (first !== undefined) return first;
  throw new TransfusionError(
    'invalid-argument',
    '--sampler is set, but the model has no continuous modality. Omit --sampler.',
  );
}

function sizedOutput(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  throw new TransfusionError(
    'invalid-argument',
    '--size cannot be used with --output document. Choose one modality with --output.',
  );
}
