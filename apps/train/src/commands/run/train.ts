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
import { Command } from 'commander';
import { openAnyRecipe, recipeHelp, type RecipeReference } from '../../composition/open-recipe.js';
import { startEngine } from '../../engine.js';
import { runFolder } from '../../open-run.js';
import { integerFrom } from '../../option-values.js';
import { formatAmount } from '../../quantities.js';
import { writeRunNote } from '../../run-note.js';
import { abortOnInterrupt } from './interrupt.js';
import { measurePeakFlops } from './peak-flops.js';
import { createProgress, type Progress } from './progress.js';

interface TrainOptions {
  readonly directory?: string;
  readonly initFrom?: string;
  readonly resumeFrom?: string;
  readonly otherCodecs?: boolean;
  readonly steps?: number;
  readonly data?: string;
  readonly logEvery: number;
}

/** Skipped records are named one by one up to here, then only counted. */
const NAMED_SKIPS = 5;

/** Least time between two notes on the preparation of data. */
const PREPARING_NOTE_MS = 5000;

/** `transfusion train` */
export function trainCommand(): Command {
  return new Command('train')
    .description(
      'Trains a recipe. The same command again resumes the run; Ctrl-C finishes the step and saves, or ends the preparation of data.',
    )
    .argument(
      '<recipe>',
      'a built-in recipe, or a TypeScript or JavaScript file that exports one and is executed',
    )
    .option(
      '--directory <folder>',
      'folder of checkpoints, logs and samples (default: runs/<name of the recipe>)',
    )
    .option('--init-from <run>', 'starts from the weights of another run of the same model, such as `emoji`')
    .option(
      '--resume-from <checkpoint>',
      'resumes from this checkpoint of the run instead of the newest; later ones are set aside. Once: leave it out to resume from there on',
    )
    .option('--other-codecs', 'with --init-from: its codecs may differ from those of the recipe')
    .option('--steps <number>', 'stops after this many steps in all', integerFrom(1))
    .option('--data <file>', 'training data, for recipes without data of their own')
    .option(
      '--log-every <steps>',
      'steps between lines where the output is not a terminal',
      integerFrom(1),
      10,
    )
    .addHelpText('after', recipeHelp)
    .action(trainAction);
}

function checkStart(
  kind: string | undefined,
  directory: string,
  { initFrom, otherCodecs = false }: TrainOptions,
): void {
  const fail = (message: string): never => {
    throw new TransfusionError('invalid-argument', message);
  };
  if (kind === 'autoencoder' && (initFrom !== undefined || otherCodecs)) {
    fail('--init-from and --other-codecs are for Transfusion models: an autoencoder starts afresh.');
  }
  if (otherCodecs && initFrom === undefined) {
    fail(
      '--other-codecs is for weights of --init-from that were trained with other codecs. Give --init-from, too.',
    );
  }
  const isOwn = (path: string): boolean =>
    resolve(path) === resolve(directory) || dirname(resolve(path)) === resolve(directory, 'checkpoints');
  if (initFrom !== undefined && isOwn(initFrom)) {
    fail(
      `--init-from ${initFrom} is in ${directory}, the folder of this run itself. Give it a --directory of its own.`,
    );
  }
}

async function trainAction(name: string, options: TrainOptions, command: Command): Promise<void> {
  const reference: RecipeReference = { recipe: name, data: options.data };
  const recipe = await openAnyRecipe(reference);
  const { directory = join('runs', recipe.name) } = options;
  checkStart(recipe.kind, directory, options);
  const totalSteps = options.steps ?? recipe.totalSteps;
  const engine = await startEngine(command);
  console.log(`recipe ${recipe.name} into ${directory}, on ${engine.description}`);
  const peakFlops = await measurePeakFlops();

  let progress: Progress | undefined;
  const note = (text: string): void => (progress === undefined ? console.log(text) : progress.note(text));
  const skips = skipReporter(note, reference);
  const describe = eventDescriber();
  let isNoted = false;
  // Not before the first step: a folder that turns out to be another recipe's run must stay as it is.
  const noteRecipe = (): void => {
    if (!isNoted) writeRunNote(directory, reference);
    isNoted = true;
  };
  const interrupt = abortOnInterrupt(() =>
    note(
      progress === undefined
        ? 'interrupted: ending the preparation; again to quit at once'
        : 'interrupted: finishing this step and saving; again to quit at once',
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
        noteRecipe();
        progress?.step(metrics);
      },
    };
    const result =
      recipe.kind === 'autoencoder'
        ? await runAutoencoder(recipe, {
            ...shared,
            onEvent: (event) => {
              if (event.type !== 'start') return describe(event, note);
              progress = startProgress(autoencoderFlops(recipe, event.networks), event.step, settings);
            },
          })
        : await runRecipe(recipe, {
            ...shared,
            initFrom: options.initFrom === undefined ? undefined : runFolder(options.initFrom),
            otherCodecs: options.otherCodecs,
            onEvent: (event) => {
              if (event.type !== 'start') return describe(event, note);
              const flops = recipe.batch.microBatches * trainingFlops(event.model, recipe.batch);
              progress = startProgress(flops, event.step, settings);
            },
          });
    noteRecipe();
    progress?.end();
    skips.sumUp();
    reportEnd(result, totalSteps, directory, options.resumeFrom);
    if (result.interrupted) process.exitCode = interrupt.exitCode;
  } catch (error) {
    if (error !== interrupt.signal.reason) throw error;
    console.log(
      'Ended before the first step; what was prepared is kept. Give the same command again to resume.',
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
): Progress {
  console.log(
    `${formatAmount(flopsPerStep)}FLOP a step, ${formatAmount(settings.peakFlops)}FLOP/s at peak` +
      (step > 0 ? `; resuming after step ${step}` : ''),
  );
  if (step >= settings.totalSteps) console.log('nothing is left to do; --steps sets how far to go');
  return createProgress({ ...settings, flopsPerStep, output: process.stdout });
}

/** Forward, and twice that backward, as for the transformer. */
function autoencoderFlops(
  { batch, imageSize }: AutoencoderRecipe,
  { flops }: Extract<AutoencoderRunEvent, { type: 'start' }>['networks'],
): number {
  return 3 * batch.microBatches * batch.numImages * flops(imageSize);
}

type NotedEvent = Exclude<RunEvent | AutoencoderRunEvent, { type: 'start' }>;

/** Notes events; what is prepared only every few seconds. */
function eventDescriber(): (event: NotedEvent, note: (text: string) => void) => void {
  let noted = performance.now();
  return (event, note) => {
    if (event.type === 'preparing' && performance.now() - noted < PREPARING_NOTE_MS) return;
    noted = performance.now();
    note(describeEvent(event));
  };
}

function describeEvent(event: NotedEvent): string {
  if (event.type === 'preparing') return `preparing ${event.what}: ${event.done} of ${event.total}`;
  if (event.type === 'reconstructions') {
    return `step ${event.step}: PSNR ${event.scores.psnr.toFixed(2)} dB, SSIM ${event.scores.ssim.toFixed(3)} on validation images, shown in ${event.path}`;
  }
  if (event.type === 'samples') return `step ${event.step}: samples in ${event.path}`;
  const losses = Object.entries(event.losses).map(([name, loss]) => `${name} ${loss.toFixed(3)}`);
  return `step ${event.step}: ${losses.join('  ')}`;
}

function skipReporter(
  note: (text: string) => void,
  { recipe, data }: RecipeReference,
): { add(record: SkippedRecord): void; sumUp(): void } {
  const check = ['transfusion data check', recipe, ...(data === undefined ? [] : ['--data', data])].join(' ');
  let count = 0;
  return {
    add: ({ location, reason }) => {
      if (++count <= NAMED_SKIPS)
        note(`skipped ${reason.startsWith(location) ? reason : `${location}: ${reason}`}`);
      if (count === NAMED_SKIPS)
        note(`further skipped records are only counted; \`${check} --examples 1000\` names them`);
    },
    sumUp: () => {
      if (count > NAMED_SKIPS) note(`skipped ${count} records`);
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
    `${step} of ${totalSteps} steps, ${formatAmount(countParams(ema))} parameters, saved in ${checkpoint.path}`,
  );
  disposeParams(ema);
  if (interrupted) {
    const without = resumeFrom === undefined ? '' : ' without --resume-from';
    console.log(`Give the same command again${without} to resume.`);
  } else if ('autoencoder' in result) {
    console.log(`The autoencoder is in ${result.autoencoder}`);
  } else {
    console.log(`Try it: transfusion sample ${directory} "a prompt"`);
  }
}
