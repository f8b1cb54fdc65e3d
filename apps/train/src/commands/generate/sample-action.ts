import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry, Segment } from '@transfusion/modality';
import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import type { Command } from 'commander';
import {
  denoisingOptions,
  tokenSamplingOptions,
  type DenoisingOptions,
  type TextOptions,
} from '../../generation-options.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { createGenerationProgress } from './generation-progress.js';
import { readPrompts } from './read-prompts.js';
import { createSampleWriter } from './sample-writer.js';
import { latentShapeOf, type ValueSize } from './value-sizes.js';

interface SampleOptions extends LoadRunOptions, DenoisingOptions, TextOptions {
  readonly prompts?: string;
  readonly output?: string;
  readonly modalities?: readonly string[];
  readonly count: number;
  readonly size?: ValueSize;
  readonly seed: number;
  readonly minTokens: number;
  readonly spans: number;
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
    const names = options.modalities ?? modalities.modalities.map(({ name }) => name);
    const written: readonly Modality[] = (output === 'document' ? names : [output]).map((name) =>
      modalities.get(name),
    );
    written.forEach(checkOutput);
    checkApplies(written, output, options);
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

/** Checks that options for latents or for texts have an output that they apply to. */
function checkApplies(
  written: readonly Modality[],
  output: string,
  { scheduler, guidanceInterval, negativePrompt, stop }: SampleOptions,
): void {
  const hasLatents = written.some(({ kind }) => kind === 'continuous');
  const forLatents = {
    '--sampler': scheduler,
    '--guidance-interval': guidanceInterval,
    '--negative-prompt': negativePrompt,
  };
  for (const [option, value] of Object.entries(forLatents)) {
    if (value === undefined || hasLatents) continue;
    throw new TransfusionError(
      'invalid-argument',
      `${option} is set, but '${output}' has no latents to denoise. Omit ${option}.`,
    );
  }
  if (stop === undefined || written.some(isText)) return;
  throw new TransfusionError('invalid-argument', `--stop is set, but '${output}' is no text. Omit --stop.`);
}

async function createRequests(
  modalities: ModalityRegistry,
  prompts: readonly string[],
  output: string,
  options: SampleOptions,
): Promise<GenerateRequest[]> {
  const { count, size, seed, minTokens, tokens, spans, stop, negativePrompt = '' } = options;
  checkHolds(output, options.modalities);
  const latentShape =
    size === undefined ? undefined : await latentShapeOf(modalityForSize(modalities, output), size);
  const modality = modalityAccepting(modalities, '', 'text').name;
  const segments = (value: string): Segment[] => (value === '' ? [] : [{ modality, value }]);
  return prompts
    .flatMap((prompt) => Array.from({ length: count }, () => prompt))
    .map((prompt, i) => ({
      prompt: segments(prompt),
      negativePrompt: segments(negativePrompt),
      output,
      modalities: options.modalities,
      seed: seed + i,
      latentShape,
      minTokens,
      maxTokens: tokens,
      maxSpans: spans,
      stop,
      ...denoisingOptions(options),
      ...tokenSamplingOptions(options),
    }));
}

function checkHolds(output: string, modalities: readonly string[] | undefined): void {
  if (modalities === undefined || output === 'document') return;
  throw new TransfusionError(
    'invalid-argument',
    `--modalities is set, but the output is '${output}', expected a document. Omit it, or add --output document.`,
  );
}

function modalityForSize(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  throw new TransfusionError(
    'invalid-argument',
    '--size cannot be used with --output document. Choose one modality with --output.',
  );
}
