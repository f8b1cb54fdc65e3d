import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry, Segment } from '@transfusion/modality';
import { generateEach, modalityAccepting, type GenerateRequest } from '@transfusion/pipelines';
import type { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { writeAndPrint } from '../../write-and-print.js';
import { latentShapeOf, type ValueSize } from './value-sizes.js';

interface SampleOptions extends LoadRunOptions {
  readonly output?: string;
  readonly count: number;
  readonly size?: ValueSize;
  readonly steps: number;
  readonly guidance: number;
  readonly seed: number;
  readonly tokens: number;
  readonly temperature: number;
  readonly out?: string;
}

/** Runs `transfusion sample`. */
export async function sampleAction(
  run: string,
  prompt: string,
  options: SampleOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const loaded = await loadRun(run, options);
  try {
    const { modalities } = loaded.model;
    const output = options.output ?? defaultOutput(modalities);
    if (output !== 'document') checkOutput(modalities.get(output));
    const requests = await sampleRequests(modalities, prompt, output, options);
    const outputs: unknown[] = [];
    for await (const generated of generateEach(loaded, requests)) outputs.push(generated);
    if (output === 'document') {
      await showDocuments(modalities, outputs as readonly Segment[][], options.out);
    } else if (options.out === undefined && outputs.every((value) => typeof value === 'string')) {
      outputs.forEach((text) => console.log(`${prompt}${text as string}`));
    } else {
      await writeAndPrint(modalities.get(output), outputs, options.out ?? 'sample');
    }
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
  prompt: string,
  output: string,
  { count, size, steps, guidance, seed, tokens, temperature }: SampleOptions,
): Promise<GenerateRequest[]> {
  const latentShape =
    size === undefined ? undefined : await latentShapeOf(sizedOutput(modalities, output), size);
  const segments =
    prompt === '' ? [] : [{ modality: modalityAccepting(modalities, '', 'text').name, value: prompt }];
  return Array.from({ length: count }, (_, i) => ({
    prompt: segments,
    output,
    seed: seed + i,
    latentShape,
    numInferenceSteps: steps,
    guidanceScale: guidance,
    maxTokens: tokens,
    temperature,
  }));
}

function sizedOutput(modalities: ModalityRegistry, output: string): Modality {
  if (output !== 'document') return modalities.get(output);
  throw new TransfusionError(
    'invalid-argument',
    '--size cannot be used with --output document. Choose one modality with --output.',
  );
}

/** Prints the text segments of documents and writes the others into numbered files, in order. */
async function showDocuments(
  modalities: ModalityRegistry,
  documents: readonly (readonly Segment[])[],
  stem = 'sample',
): Promise<void> {
  for (const [i, segments] of documents.entries()) {
    const document = documents.length > 1 ? `${stem}-${i + 1}` : stem;
    for (const [n, { modality, value }] of segments.entries()) {
      if (typeof value === 'string') console.log(value);
      else await writeAndPrint(modalities.get(modality), [value], `${document}-${n + 1}`);
    }
  }
}
