/** What runs of all kinds of recipes have in common. */
import { join } from 'node:path';
import type { SkippedRecord } from '@transfusion/data';
import { adamW, warmupCosine } from '@transfusion/nn';
import { listCheckpoints, type StepMetrics } from '@transfusion/trainer';
import type { RecipeOptimizer } from './recipe.js';

/** Where and how a recipe is run. */
export interface RunSettings {
  /** Where checkpoints, logs and images go; a run that is there already is continued. */
  readonly directory: string;
  /** Ends the run after so many steps in all; the learning rate keeps the recipe's course. */
  readonly stopAt?: number;
  /** When aborted, the step under way is finished and saved; what is prepared before the first is kept. */
  readonly signal?: AbortSignal;
  onStep?(metrics: StepMetrics): void;
  /** Called for each record that could not be used: in training at each reading, when held out once. */
  onSkip?(record: SkippedRecord): void;
}

/** The part of a recipe that says how to train, whatever it trains. */
interface Schedule {
  readonly seed: number;
  readonly optimizer: RecipeOptimizer;
  readonly batch: { readonly microBatches: number };
  readonly totalSteps: number;
  readonly checkpoints: { readonly every: number; readonly keep: number };
}

/** The options of `train` that follow from a recipe's schedule and the run's settings. */
export function trainSettings(
  { seed, optimizer, batch, totalSteps, checkpoints }: Schedule,
  { directory, stopAt, signal, onStep }: RunSettings,
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
    microBatches: batch.microBatches,
    clipNorm: optimizer.clipNorm,
    emaDecay: optimizer.emaDecay,
    checkpointEvery: checkpoints.every,
    keepCheckpoints: checkpoints.keep,
    onStep,
    signal,
  };
}

/** Steps of an earlier run in the directory; 0 if there was none. */
export async function stepsBefore(directory: string): Promise<number> {
  return (await listCheckpoints(join(directory, 'checkpoints'))).at(-1)?.step ?? 0;
}
