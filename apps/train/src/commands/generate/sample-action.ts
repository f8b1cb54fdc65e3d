import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry } from '@transfusion/modality';
import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import type { Command } from 'commander';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { createGenerationProgress } from './generation-progress.js';
import { readPrompts } from './read-prompts.js';
import { createSampleWriter } from './sample-writer.js';
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
    const written: readonly Modality[] =
      output === 'document' ? modalities.modalities : [modalities.get(output)];
    written.forEach(checkOutput);
    const requests = await createRequests(modalities, prompts, output, options);
    const progress = createGenerationProgress(requests.length, process.stderr);
    const writer = createSampleWriter(modalities, output, options);
    let done = 0;
    try {
      for await (const generated of generateEach(loaded, requests, progress.add)) {
        const origin = { seed: options.seed + done, prompt: prompts[Math.floor(done / options.count)] };
        done++;
        progress.clear();
        await writer.add(generated, origin, requests.length > 1 ? String(done) : undefined);
      }
    } finally {
      progress.clear();
    }
    await writer.end();
  } finally {
    loaded.dispose();
  }
}

/** Returns the name of the first non-text modality whose values can be written to files, or of the text modality. */
function defaultOutput(modalities: ModalityRegistry): string {
  const all: readonly Modality[] = modalities.modalities;
  const withFiles = all.find((modality) => modality.media !== undefined && !isText(modality));
  return (withFiles ?? modalityAccepting(modalities, '', 'text')).name;
}

function isText(modality: Modality): boolean {
  return modality.accepts('');
}

/** Checks that values can be written or printed, before a generation that may take minutes. */
function checkOutput(modality: Modality): void {
  const { name, media } = modality;
  if (media !== undefined || isText(modality)) return;
  throw new TransfusionError(
    'invalid-argument',
    `sample: '${name}' has no media, so its values can be neither written nor printed. Add media to the modality.`,
  );
}

async function createRequests(
  modalities: ModalityRegistry,
  prompts: readonly string[],
  output: string,
  { count, size, sampler, steps, guidance, seed, tokens, temperature, topK, topP }: SampleOptions,
): Promise<GenerateRequest[]> {
  const latentShape =
    size === undefined ? undefined : await latentShapeOf(modalityForSize(modalities, output), size);
  const scheduler =
    sampler === undefined ? undefined : samplerNamed(modalityForSampler(modalities, output), sampler);
  const textModalityName = modalityAccepting(modalities, '', 'text').name;
  return prompts
    .flatMap((prompt) => Array.from({ length: count }, () => prompt))
    .map((prompt, i) => ({
      prompt: prompt === '' ? [] : [{ modality: textModalityName, value: prompt }],
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

/** Returns the modality whose noise process the sampler must fit; for a document, the first continuous one. */
function modalityForSampler(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  const [first] = modalities.continuous as readonly Modality[];
  if (first !== undefined) return first;
  throw new TransfusionError(
    'invalid-argument',
    '--sampler is set, but the model has no continuous modality. Omit --sampler.',
  );
}

function modalityForSize(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  throw new TransfusionError(
    'invalid-argument',
    '--size cannot be used with --output document. Choose one modality with --output.',
  );
}
