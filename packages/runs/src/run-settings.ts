/** Settings that runs of all kinds of recipes share. */
import { join, resolve } from 'node:path';
import type { SkippedRecord } from '@transfusion/data';
import { adamW, warmupCosine } from '@transfusion/nn';
import { listCheckpoints, type StepMetrics } from '@transfusion/trainer';
import type { RecipeOptimizer } from './recipe.js';

/** Options of all runs. */
export interface RunSettings {
  /** The folder of checkpoints, logs and samples; a run that is there already is resumed. */
  readonly directory: string;
  /**
   * Resumes from this checkpoint of the directory instead of the newest; later ones are set aside. For one start: the
   * next one without it resumes from the newest again.
   */
  readonly resumeFrom?: string;
  /** Ends the run after this total number of steps; the learning-rate schedule stays the recipe's. */
  readonly stopAt?: number;
  /** When aborted, the current step is finished and saved; data prepared before the first step is kept. */
  readonly signal?: AbortSignal;
  onStep?(metrics: StepMetrics): void;
  /**
   * Called for each skipped record: in training at each reading, in validation once. Defaults to warnings on stderr, of
   * the first few by name.
   */
  onSkip?(record: SkippedRecord): void;
}

/** The fields of a recipe of any kind that decide how it is trained. */
interface Schedule {
  readonly seed: number;
  readonly optimizer: RecipeOptimizer;
  readonly batch: { readonly microBatches: number };
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
}

/** Returns the options of `train` that follow from a recipe's schedule and the run's settings. */
export function trainSettings(
  { seed, optimizer, batch, totalSteps, checkpoints }: Schedule,
  { directory, resumeFrom, stopAt, signal, onStep }: RunSettings,
) {
  return {
    optimizer: adamW(optimizer),
    lrSchedule: warmupCosine({
      peak: optimizer.learningRate,
      final: optimizer.finalLearningRate,
      warmupSteps: optimizer.warmupSteps,
      totalSteps,
    }),
    totalSteps: stopAt ?? totalSteps,
    seed,
    directory,
    resumeFrom,
    microBatches: batch.microBatches,
    clipNorm: optimizer.clipNorm,
    emaDecay: optimizer.emaDecay,
    checkpointEvery: checkpoints.every,
    keepCheckpoints: checkpoints.keep,
    onStep,
    signal,
  };
}

/** Returns the number of steps that a run resumes after: those of its newest checkpoint, or of `resumeFrom`; 0 without. */
export async function stepsBefore({
  directory,
  resumeFrom,
}: Pick<RunSettings, 'directory' | 'resumeFrom'>): Promise<number> {
  const checkpoints = await listCheckpoints(join(directory, 'checkpoints'));
  const chosen =
    resumeFrom === undefined
      ? checkpoints.at(-1)
      : checkpoints.find(({ path }) => resolve(path) === resolve(resumeFrom));
  return chosen?.step ?? 0;
}
