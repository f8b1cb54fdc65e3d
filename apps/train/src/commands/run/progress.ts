/**
 * Shows a run's progress: on a terminal, one live line with notes printed above it; elsewhere (a file, a
 * pipe), a plain line every `logEvery` steps and at the last.
 */
import { describeNonFinite, type StepMetrics } from '@transfusion/trainer';
import { CLEAR_LINE, progressBar } from '../../progress-line.js';
import { formatDuration, formatSi } from '../../format-quantity.js';
import { smoothedValue, type SmoothedValue } from './smoothed-value.js';

/** Options of {@link createProgressDisplay}. */
export interface ProgressDisplayOptions {
  readonly totalSteps: number;
  /** FLOPs of a training step. */
  readonly flopsPerStep: number;
  /** Peak FLOP/s of the engine, for MFU. */
  readonly peakFlops: number;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Number of steps between plain lines. */
  readonly logEvery: number;
}

/** A display of a run's progress. */
export interface ProgressDisplay {
  step(metrics: StepMetrics): void;
  /** Prints a line that is not overwritten. */
  note(text: string): void;
  /** Ends the live line, so that later output starts on a new one. */
  end(): void;
}

/** Creates a progress display: one live line on a terminal, plain lines elsewhere. */
export function createProgressDisplay(options: ProgressDisplayOptions): ProgressDisplay {
  const { output, totalSteps, logEvery } = options;
  const averages = createAverages();
  const describe = (metrics: StepMetrics): string => {
    averages.add(metrics);
    return formatStep(metrics, averages, options);
  };
  if (output.isTTY !== true) {
    return {
      step: (metrics) => {
        const text = describe(metrics);
        const isDue = metrics.step % logEvery === 0 || metrics.step === totalSteps;
        if (isDue) output.write(`step ${metrics.step}/${totalSteps}  ${text}\n`);
      },
      note: (text) => void output.write(`${text}\n`),
      end: () => undefined,
    };
  }
  let line = '';
  const redraw = (above = ''): void => void output.write(`${CLEAR_LINE}${above}${line}`);
  return {
    step: (metrics) => {
      const { step } = metrics;
      const fullLine = `${progressBar(step / totalSteps)} ${step}/${totalSteps}  ${describe(metrics)}`;
      // A line that wraps cannot be cleared.
      line = fullLine.slice(0, (output.columns ?? 80) - 1);
      redraw();
    },
    note: (text) => redraw(`${text}\n`),
    end: () => {
      if (line !== '') output.write('\n');
      line = '';
    },
  };
}

/** Moving averages of the metrics of a run. */
interface Averages {
  /** The loss and its parts, in order. */
  readonly losses: ReadonlyMap<string, SmoothedValue>;
  /** NaN until the second step. */
  readonly secondsPerStep: SmoothedValue;
  readonly secondsWaiting: SmoothedValue;
  readonly elementsPerStep: SmoothedValue;
  add(metrics: StepMetrics): void;
}

function createAverages(): Averages {
  const losses = new Map<string, SmoothedValue>();
  const [secondsPerStep, secondsWaiting, elementsPerStep] = [
    smoothedValue(),
    smoothedValue(),
    smoothedValue(),
  ];
  let isFirst = true;

  const addLosses = ({ loss, parts }: StepMetrics): void => {
    for (const [name, value] of Object.entries({ loss, ...parts })) {
      if (!losses.has(name)) losses.set(name, smoothedValue());
      losses.get(name)!.add(value);
    }
  };

  const add = (metrics: StepMetrics): void => {
    if (metrics.applied) addLosses(metrics);
    // The first step includes compilation; leave it out of the averages.
    if (isFirst) {
      isFirst = false;
      return;
    }
    secondsPerStep.add(metrics.stepMs / 1000);
    secondsWaiting.add(metrics.waitMs / 1000);
    elementsPerStep.add(metrics.elements);
  };

  return { losses, secondsPerStep, secondsWaiting, elementsPerStep, add };
}

function formatStep(
  { step, nonFinite }: StepMetrics,
  { losses, ...timings }: Averages,
  { totalSteps, flopsPerStep, peakFlops }: ProgressDisplayOptions,
): string {
  const fields = [...losses].map(([name, { value }]) => `${name} ${value.toFixed(3)}`);
  if (nonFinite !== undefined) fields.push(`(step skipped: non-finite ${describeNonFinite(nonFinite)})`);
  const secondsPerStep = timings.secondsPerStep.value;
  if (Number.isNaN(secondsPerStep)) return fields.join('  ');
  const mfu = flopsPerStep / secondsPerStep / peakFlops;
  return [
    ...fields,
    `${formatSi(timings.elementsPerStep.value / secondsPerStep)} elements/s`,
    `MFU ${formatPercent(mfu)}`,
    `data wait ${formatPercent(timings.secondsWaiting.value / secondsPerStep)}`,
    `ETA ${formatDuration((totalSteps - step) * secondsPerStep)}`,
  ].join('  ');
}

function formatPercent(fraction: number): string {
  return `${Math.round(fraction * 100)}%`;
}
