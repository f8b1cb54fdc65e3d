/** Settings that runs of all kinds of recipes share. */
import { join, resolve } from 'node:path';
import type { SkippedRecord } from '@transfusion/data';
import { adamW, warmupCosine } from '@transfusion/nn';
import { listCheckpoints, type StepMetrics } from '@transfusion/trainer';
import type { RecipeOptimizer } from './recipe.js';

/** Options of all kinds of runs. */
export interface RunSettings {
  /** Folder for checkpoints, logs and samples; if it already holds the run, the run is resumed. */
  readonly directory: string;
  /**
   * Resumes from this checkpoint in the directory instead of the newest; later ones are set aside. Without this option,
   * the next start resumes from the newest again.
   */
  readonly resumeFrom?: string;
  /** Stops the run after this total number of steps; the learning-rate schedule stays the recipe's. */
  readonly stopAt?: number;
  /** Aborting it completes and saves the current step; data prepared before the first step is kept. */
  readonly signal?: AbortSignal;
  onStep?(metrics: StepMetrics): void;
  /**
   * Called once for each skipped record, although every epoch reads it again. Defaults to `skipWarnings` of
   * `@transfusion/data`.
   */
  onSkip?(record: SkippedRecord): void;
}

/** The fields of any kind of recipe that {@link trainSettings} depends on. */
interface Schedule {
  readonly seed: number;
  readonly optimizer: RecipeOptimizer;
  readonly batch: { readonly microBatches: number };
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
}

/** Returns the options of `train` for a recipe's schedule and the settings of a run. */
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

/** Returns the step that a run resumes after: that of `resumeFrom`, or of the newest checkpoint; 0 for a new run. */
export async function readStartStep({
  directory,
  resumeFrom,
}: Pick<RunSettings, 'directory' | 'resumeFrom'>): Promise<number> {
  const checkpoints = await listCheckpoints(join(directory, 'checkpoints'));
  const checkpoint =
    resumeFrom === undefined
      ? checkpoints.at(-1)
      : checkpoints.find(({ path }) => resolve(path) === resolve(resumeFrom));
  return checkpoint?.step ?? 0;
}
