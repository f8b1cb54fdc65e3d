import { TransfusionError } from '@transfusion/errors';
import type { Modality, ModalityRegistry, Segment } from '@transfusion/modality';
import { generateEach, modalityOf, type GenerateRequest } from '@transfusion/pipelines';
import { writeValues } from '@transfusion/runs';
import { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { integerFrom, nonNegative, sizeInPixels } from '../../option-values.js';
import { openRun, type OpenRunOptions } from '../../open-run.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { latentShapeOf, type ValueSize } from './value-sizes.js';

interface SampleOptions extends OpenRunOptions {
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

/** `transfusion sample` */
export function sampleCommand(): Command {
  const command = new Command('sample')
    .description(
      'Generates values of any modality from a prompt: images into a file, text into the terminal.',
    )
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<prompt>', 'the text that the document begins with; may be empty')
    .option(
      '--output <modality>',
      'the modality to generate, or `document` for what the model chooses (default: the first that is not text, else text)',
    )
    .option('--count <number>', 'number of outputs; several images make a grid', integerFrom(1), 1)
    .option(
      '--size <width x height>',
      'size in pixels, 96x64; by default the model chooses among its sizes',
      sizeInPixels,
    )
    .option('--steps <number>', 'steps from noise to value', integerFrom(1), 50)
    .option('--guidance <scale>', 'how strictly to follow the prompt; 1 is no guidance', nonNegative, 3)
    .option(
      '--seed <number>',
      'decides all that is random; further outputs count up from it',
      integerFrom(0),
      0,
    )
    .option('--tokens <number>', 'most tokens of a text or a document', integerFrom(1), 128)
    .option(
      '--temperature <number>',
      'of tokens: 0 takes the likeliest, below 1 prefers likely ones',
      nonNegative,
      1,
    )
    .option(
      '--out <file>',
      'the file to write; without its extension, that of the modality is added (default: sample; a text is printed)',
    );
  return withRecipeOptions(command).action(sampleAction);
}

async function sampleAction(
  run: string,
  prompt: string,
  options: SampleOptions,
  command: Command,
): Promise<void> {
  await startEngine(command);
  const opened = await openRun(run, options);
  try {
    const { modalities } = opened.model;
    const output = options.output ?? defaultOutput(modalities);
    if (output !== 'document') checkShowable(modalities.get(output));
    const requests = await sampleRequests(modalities, prompt, output, options);
    const outputs: unknown[] = [];
    for await (const generated of generateEach(opened, requests)) outputs.push(generated);
    if (output === 'document') {
      await showDocuments(modalities, outputs as readonly Segment[][], options.out);
    } else if (options.out === undefined && outputs.every((value) => typeof value === 'string')) {
      outputs.forEach((text) => console.log(`${prompt}${text as string}`));
    } else {
      await showFiles(modalities.get(output), outputs, options.out ?? 'sample');
    }
  } finally {
    opened.dispose();
  }
}

/** The first modality with files that is no text, else text. */
function defaultOutput(modalities: ModalityRegistry): string {
  const all: readonly Modality[] = modalities.modalities;
  const found = all.find((modality) => modality.media !== undefined && !modality.accepts(''));
  return (found ?? modalityOf(modalities, '', 'text')).name;
}

/** Generation may take minutes: what can be neither written nor printed is refused before. */
function checkShowable({ name, media, accepts }: Modality): void {
  if (media !== undefined || accepts('')) return;
  throw new TransfusionError(
    'invalid-argument',
    `sample: values of '${name}' can be neither written nor printed, for the modality has no media. Give it one.`,
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
    prompt === '' ? [] : [{ modality: modalityOf(modalities, '', 'text').name, value: prompt }];
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
    '--size is for the output of one modality, not for a document. Name the modality with --output.',
  );
}

async function showFiles(modality: Modality, values: readonly unknown[], path: string): Promise<void> {
  for (const file of await writeValues(modality, values, path)) console.log(file);
}

/** Texts and the paths of what is no text, in order. */
async function showDocuments(
  modalities: ModalityRegistry,
  documents: readonly (readonly Segment[])[],
  stem = 'sample',
): Promise<void> {
  for (const [i, segments] of documents.entries()) {
    const document = documents.length > 1 ? `${stem}-${i + 1}` : stem;
    for (const [n, { modality, value }] of segments.entries()) {
      if (typeof value === 'string') console.log(value);
      else await showFiles(modalities.get(modality), [value], `${document}-${n + 1}`);
    }
  }
}
