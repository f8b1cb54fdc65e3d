import { dirname, join, resolve } from 'node:path';
import { trainingFlops } from '@transfusion/core';
import type { SkippedRecord } from '@transfusion/data';
import { TransfusionError } from '@transfusion/errors';
import { countParams, disposeParams } from '@transfusion/nn';
import { runRecipe, type RunEvent, type RunResult } from '@transfusion/runs';
import {
  runAutoencoder,
  type AutoencoderRecipe,
  type AutoencoderRunEvent,
  type AutoencoderRunResult,
} from '@transfusion/runs-autoencoder';
import type { StepMetrics } from '@transfusion/trainer';
import type { Command } from 'commander';
import { commandName } from '../../command-name.js';
import { openTrainableRecipe, type RecipeReference } from '../../composition/open-recipe.js';
import { startEngine } from '../../engine.js';
import { resolveRunFolder } from '../../load-run.js';
import { formatSi } from '../../format-quantity.js';
import { writeRunNote } from '../../run-note.js';
import { formatMetric } from '../evaluate/format-metric.js';
import { abortOnInterrupt } from './interrupt.js';
import { measurePeakFlops } from './peak-flops.js';
import { createProgressDisplay, type ProgressDisplay } from './progress.js';

interface TrainOptions {
  readonly directory?: string;
  readonly initFrom?: string;
  readonly resumeFrom?: string;
  readonly otherCodecs?: boolean;
  readonly steps?: number;
  readonly data?: string;
  readonly logEvery: number;
}

/** Number of skipped records to report individually; later ones are only counted. */
const MAX_REPORTED_SKIPS = 5;

/** Minimum time between two notes about data preparation. */
const PREPARING_NOTE_MS = 5000;

function checkStart(
  kind: string | undefined,
  directory: string,
  { initFrom, otherCodecs = false }: TrainOptions,
): void {
  const fail = (message: string): never => {
    throw new TransfusionError('invalid-argument', message);
  };
  if (kind === 'autoencoder' && (initFrom !== undefined || otherCodecs)) {
    fail(
      '--init-from and --other-codecs apply to Transfusion models only; autoencoders are trained from scratch. ' +
        'Omit them.',
    );
  }
  if (otherCodecs && initFrom === undefined) {
    fail('--other-codecs requires --init-from, whose weights were trained with different codecs. Pass both.');
  }
  const isOwn = (path: string): boolean =>
    resolve(path) === resolve(directory) || dirname(resolve(path)) === resolve(directory, 'checkpoints');
  if (initFrom !== undefined && isOwn(initFrom)) {
    fail(
      `--init-from ${initFrom} is in ${directory}, the folder of this run, expected another run. Pass a different ` +
        `--directory.`,
    );
  }
}

/** Runs `transfusion train`. */
export async function trainAction(name: string, options: TrainOptions, command: Command): Promise<void> {
  const reference: RecipeReference = { recipe: name, data: options.data };
  const recipe = await openTrainableRecipe(reference);
  const { directory = join('runs', recipe.name) } = options;
  checkStart(recipe.kind, directory, options);
  const totalSteps = options.steps ?? recipe.totalSteps;
  const engine = await startEngine(command);
  console.log(`recipe ${recipe.name} into ${directory}, on ${engine.description}`);
  const peakFlops = await measurePeakFlops();

  let progress: ProgressDisplay | undefined;
  const note = (text: string): void => (progress === undefined ? console.log(text) : progress.note(text));
  const skips = skipReporter(note, reference);
  const noteEvent = eventNoter(note);
  let isReferenceWritten = false;
  // Not before the first step: a folder that turns out to be a run of another recipe must stay unchanged.
  const writeReference = (): void => {
    if (!isReferenceWritten) writeRunNote(directory, reference);
    isReferenceWritten = true;
  };
  const interrupt = abortOnInterrupt(() =>
    note(
      progress === undefined
        ? 'interrupted: stopping data preparation; press again to quit immediately'
        : 'interrupted: finishing this step and saving; press again to quit immediately',
    ),
  );
  try {
    const settings = { totalSteps, peakFlops, logEvery: options.logEvery };
    const shared = {
      directory,
      resumeFrom: options.resumeFrom,
      stopAt: totalSteps,
      signal: interrupt.signal,
      onSkip: skips.add,
      onStep: (metrics: StepMetrics) => {
        writeReference();
        progress?.step(metrics);
      },
    };
    const result =
      recipe.kind === 'autoencoder'
        ? await runAutoencoder(recipe, {
            ...shared,
            onEvent: (event) => {
              if (event.type !== 'start') return noteEvent(event);
              progress = startProgress(autoencoderFlops(recipe, event.autoencoder), event.step, settings);
            },
          })
        : await runRecipe(recipe, {
            ...shared,
            initFrom: options.initFrom === undefined ? undefined : await resolveRunFolder(options.initFrom),
            otherCodecs: options.otherCodecs,
            onEvent: (event) => {
              if (event.type !== 'start') return noteEvent(event);
              const flops = recipe.batch.microBatches * trainingFlops(event.model, recipe.batch);
              progress = startProgress(flops, event.step, settings);
            },
          });
    writeReference();
    progress?.end();
    skips.reportTotal();
    reportEnd(result, totalSteps, directory, options.resumeFrom);
    if (result.interrupted) process.exitCode = interrupt.exitCode;
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    console.log(
      'Stopped before the first step; prepared data is kept. Run the same command again to resume.',
    );
    process.exitCode = interrupt.exitCode;
  } finally {
    progress?.end();
    interrupt.end();
  }
}

function startProgress(
  flopsPerStep: number,
  step: number,
  settings: { readonly totalSteps: number; readonly peakFlops: number; readonly logEvery: number },
): ProgressDisplay {
  console.log(
    `${formatSi(flopsPerStep, 'FLOP')} per step, ${formatSi(settings.peakFlops, 'FLOP/s')} peak` +
      (step > 0 ? `; resuming after step ${step}` : ''),
  );
  if (step >= settings.totalSteps)
    console.log('the run has already reached its last step; pass a larger --steps to continue');
  return createProgressDisplay({ ...settings, flopsPerStep, output: process.stdout });
}

/**
 * Counts the FLOPs of a training step: the backward pass costs twice the forward pass, as for the
 * transformer.
 */
function autoencoderFlops(
  { batch, imageSize }: AutoencoderRecipe,
  { flops }: Extract<AutoencoderRunEvent, { type: 'start' }>['autoencoder'],
): number {
  return 3 * batch.microBatches * batch.numImages * flops(imageSize);
}

type ReportedEvent = Exclude<RunEvent | AutoencoderRunEvent, { type: 'start' }>;

/** Creates a listener that notes events, but data preparation only every few seconds. */
function eventNoter(note: (text: string) => void): (event: ReportedEvent) => void {
  let lastNote = performance.now();
  return (event) => {
    if (event.type === 'preparing' && performance.now() - lastNote < PREPARING_NOTE_MS) return;
    lastNote = performance.now();
    note(describeEvent(event));
  };
}

function describeEvent(event: ReportedEvent): string {
  if (event.type === 'preparing') return `preparing ${event.what}: ${event.done} of ${event.total}`;
  if (event.type === 'reconstructions') {
    return `step ${event.step}: PSNR ${event.scores.psnr.toFixed(2)} dB, SSIM ${event.scores.ssim.toFixed(3)} on validation images; reconstructions in ${event.path}`;
  }
  if (event.type === 'evaluator') {
    const { evaluator, metrics } = event.evaluation;
    const shown = metrics.map((metric) => `${metric.name} ${formatMetric(metric)}`);
    return `step ${event.step}: ${evaluator}: ${shown.join('  ')}`;
  }
  if (event.type === 'samples') return `step ${event.step}: samples in ${event.path}`;
  const losses = Object.entries(event.losses).map(([name, loss]) => `${name} ${loss.toFixed(3)}`);
  return `step ${event.step}: ${losses.join('  ')}`;
}

function skipReporter(
  note: (text: string) => void,
  { recipe, data }: RecipeReference,
): { add(record: SkippedRecord): void; reportTotal(): void } {
  const check = [commandName(), 'data check', recipe, ...(data === undefined ? [] : ['--data', data])].join(
    ' ',
  );
  let count = 0;
  return {
    add: ({ location, reason }) => {
      count++;
      if (count <= MAX_REPORTED_SKIPS) {
        note(`skipped ${location}: ${reason}`);
      }
      if (count === MAX_REPORTED_SKIPS) {
        note(`more skipped records are only counted; \`${check} --examples 1000\` lists them`);
      }
    },
    reportTotal: () => {
      if (count > MAX_REPORTED_SKIPS) note(`skipped ${count} records`);
    },
  };
}

function reportEnd(
  result: RunResult | AutoencoderRunResult,
  totalSteps: number,
  directory: string,
  resumeFrom: string | undefined,
): void {
  const { step, interrupted, checkpoint, ema } = result;
  console.log(
    `${step} of ${totalSteps} steps, ${formatSi(countParams(ema))} parameters, saved in ${checkpoint.path}`,
  );
  disposeParams(ema);
  if (interrupted) {
    const without = resumeFrom === undefined ? '' : ' without --resume-from';
    console.log(`Run the same command again${without} to resume.`);
  } else if ('autoencoderPath' in result) {
    console.log(`The autoencoder is in ${result.autoencoderPath}`);
  } else {
    console.log(`Try it: ${commandName()} sample ${directory} "a prompt"`);
  }
}
