/**
 * Shows a run's progress: on a terminal one line that is rewritten, with notes above it; elsewhere (a file, a
 * pipe) a plain line every few steps.
 */
import type { StepMetrics } from '@transfusion/trainer';
import { formatAmount, formatDuration } from '../../quantities.js';
import { smoothedValue, type SmoothedValue } from './smoothed-value.js';

export interface ProgressOptions {
  readonly totalSteps: number;
  /** Floating-point operations of a step, and the engine's peak in a second. */
  readonly flopsPerStep: number;
  readonly peakFlops: number;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** Steps between plain lines. */
  readonly logEvery: number;
}

export interface Progress {
  step(metrics: StepMetrics): void;
  /** Writes a line that stays. */
  note(text: string): void;
  /** Ends the rewritten line. */
  end(): void;
}

const BAR_WIDTH = 20;
const CLEAR_LINE = '\r\u001b[K';

/** Shows progress on a stream, by the kind of stream. */
export function createProgress(options: ProgressOptions): Progress {
  const { output, totalSteps, logEvery } = options;
  const describe = stepDescriber(options);
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
  const show = (text: string): void => void output.write(`${CLEAR_LINE}${text}${line}`);
  return {
    step: (metrics) => {
      const whole = `${bar(metrics.step / totalSteps)} ${metrics.step}/${totalSteps}  ${describe(metrics)}`;
      // A line that wraps cannot be cleared.
      line = whole.slice(0, (output.columns ?? 80) - 1);
      show('');
    },
    note: (text) => show(`${text}\n`),
    end: () => {
      if (line !== '') output.write('\n');
      line = '';
    },
  };
}

function stepDescriber({
  totalSteps,
  flopsPerStep,
  peakFlops,
}: ProgressOptions): (metrics: StepMetrics) => string {
  const averages = new Map<string, SmoothedValue>();
  const smoothed = (name: string, value: number): number => {
    const average = averages.get(name) ?? smoothedValue();
    averages.set(name, average);
    average.add(value);
    return average.value;
  };
  let isFirst = true;
  return ({ step, loss, parts, applied, elements, stepMs, waitMs }) => {
    if (applied) {
      smoothed('loss', loss);
      for (const [name, part] of Object.entries(parts)) smoothed(`loss ${name}`, part);
    }
    const losses = [...averages].filter(([name]) => name.startsWith('loss'));
    // The first step compiles: it says nothing about the others.
    const pace = isFirst ? undefined : smoothed('stepMs', stepMs) / 1000;
    const wait = isFirst ? 0 : smoothed('waitMs', waitMs) / 1000;
    const perStep = isFirst ? elements : smoothed('elements', elements);
    isFirst = false;
    return [
      ...losses.map(([name, { value }]) => `${name.replace('loss ', '')} ${value.toFixed(3)}`),
      ...(applied ? [] : ['(step skipped: not finite)']),
      ...(pace === undefined
        ? []
        : [
            `${formatAmount(perStep / pace)} el/s`,
            `${percent(flopsPerStep / pace / peakFlops)} of peak`,
            `wait ${percent(wait / pace)}`,
            `eta ${formatDuration((totalSteps - step) * pace)}`,
          ]),
    ].join('  ');
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function bar(share: number): string {
  const full = Math.min(BAR_WIDTH, Math.floor(share * BAR_WIDTH));
  return `[${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}]`;
}
