/** Trains under a progress bar. */
import { createProgressBar, type Terminal } from '@transfusion/terminal';
import { train, type TrainingTask } from './training.js';

export interface TrainingSummary {
  readonly steps: number;
  /** Mean of the training loss over the first and over the last twentieth of the steps, in nats. */
  readonly trainingLoss: { readonly before: number; readonly after: number };
  readonly trainingSeconds: number;
}

export interface RunTrainingOptions {
  readonly steps: number;
  /** Unit of the speed, such as `chars`, and the number of them in an example. */
  readonly unit: string;
  readonly unitsPerExample: number;
}

export function runTraining(
  terminal: Terminal,
  task: TrainingTask,
  options: RunTrainingOptions,
): TrainingSummary {
  const { steps, unit, unitsPerExample } = options;
  const bar = createProgressBar(terminal, {
    label: 'training',
    total: steps,
    counted: 'step',
    unit,
    unitsEach: task.batchSize * unitsPerExample,
  });
  const losses: number[] = [];
  const start = performance.now();
  for (const { step, loss } of train(task)) {
    losses.push(loss);
    bar.update(step, `loss ${loss.toFixed(3)}`);
    if (step === steps) break;
  }
  const trainingSeconds = (performance.now() - start) / 1000;
  const few = Math.ceil(steps / 20);
  return {
    steps,
    trainingLoss: { before: mean(losses.slice(0, few)), after: mean(losses.slice(-few)) },
    trainingSeconds,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
