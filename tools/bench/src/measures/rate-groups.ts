/** The report's groups about rates: how undisturbed the run was, matrix products, training steps. */
import type { Floor, Measure, MeasureGroup } from '../measure.js';
import { medianOf, spreadOf } from '../statistics.js';
import { millisecondsPerCall } from './sample.js';
import { ratesBySize, sgemmRate } from './sgemm.js';
import {
  frameShare,
  productsOf,
  ratesOf,
  ratiosOf,
  UNDISTURBED_SHARE,
  type TrainingRate,
} from './training-rate.js';

/** Measures that show whether the rates can be trusted. */
export function processors(rates: readonly TrainingRate[]): MeasureGroup {
  const frames = rates.flatMap((rate) => rate.frames);
  const measure = sampled(
    'run.processors',
    'processors',
    frames.map((frame) => frameShare(frame) * 100),
    '%',
  );
  const isDisturbed = measure.value < UNDISTURBED_SHARE * 100;
  const warning = ': TOO LITTLE, other programs distort the rates and ratios below';
  return {
    title: 'This run',
    measures: [
      { ...measure, note: `had by this process while it measured rates${isDisturbed ? warning : ''}` },
    ],
  };
}

export function sgemm(trainingRates: readonly TrainingRate[]): MeasureGroup {
  const samples = productsOf(trainingRates);
  const rate: Measure = {
    name: 'sgemm.rate',
    label: 'median over the sizes',
    value: sgemmRate(samples),
    unit: 'GFLOP/s',
  };
  const bySize = [...ratesBySize(samples)].map(([size, rates]) => ({
    ...sampled(`sgemm.${size}`, `${size} × ${size}`, rates, 'GFLOP/s'),
    note: `${rates.length} samples`,
  }));
  return { title: 'Matrix product through ONNX Runtime', measures: [...bySize, rate] };
}

export function trainingStep(
  title: string,
  rate: TrainingRate,
  all: readonly TrainingRate[],
  floor: Floor,
): MeasureGroup {
  const { training, frames, setAside, losses } = rate;
  const { name, flopsPerStep } = training.model;
  const rates = ratesOf(rate);
  const lastLoss = losses[losses.length - 1];
  return {
    title,
    measures: [
      {
        ...sampled(`${name}.rate`, 'rate', rates, 'GFLOP/s'),
        note: `${rates.length} samples${setAside > 0 ? `; ${setAside} disturbed ones set aside` : ''}`,
      },
      {
        ...sampled(
          `${name}.step`,
          'step',
          frames.map(({ steps }) => millisecondsPerCall(steps)),
          'ms',
        ),
        note: `${(flopsPerStep / 1e9).toFixed(1)} GFLOP`,
      },
      {
        name: `${name}.ratio`,
        label: 'of the matrix product’s rate',
        value: medianOf(rates) / sgemmRate(productsOf(all)),
        unit: '',
        spread: spreadOf(ratiosOf(rate)),
        floor,
        note: 'value: of the medians; spread: of each step to the products beside it',
      },
      {
        name: `${name}.loss`,
        label: `loss after ${losses.length - 1} steps`,
        value: lastLoss,
        unit: '',
        floor: { below: losses[0] },
        note: 'below that of the first step: it trains',
      },
    ],
  };
}

/** A measure whose value is the median of its samples. */
export function sampled(name: string, label: string, samples: readonly number[], unit: string): Measure {
  const spread = spreadOf(samples);
  return { name, label, value: spread.median, unit, spread };
}
