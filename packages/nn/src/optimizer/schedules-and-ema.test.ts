import * as tf from '@transfusion/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { TransfusionError } from '@transfusion/errors';
import { expectClose } from '../testing-internals/expect-close.js';
import { emaDecayAt, updateEma } from './ema.js';
import { constantLr, warmupCosine } from './lr-schedules.js';

describe('warmupCosine', () => {
  const schedule = warmupCosine({ peak: 2, final: 0.5, warmupSteps: 4, totalSteps: 12 });

  it('rises in equal steps, then falls along half a cosine, and stays', () => {
    const rates = Array.from({ length: 15 }, (_, step) => schedule(step));
    const fall = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => 1.25 + 0.75 * Math.cos((Math.PI * i) / 8));
    expectClose(rates, [0.5, 1, 1.5, 2, ...fall, 0.5, 0.5], { relative: 1e-12 });
  });

  it('starts at the peak without a warm-up, and ends at 5 % of it unless `final` is set', () => {
    const bare = warmupCosine({ peak: 3e-4, warmupSteps: 0, totalSteps: 10 });
    expect(bare(0)).toBe(3e-4);
    expectClose([bare(10), bare(1e9)], [1.5e-5, 1.5e-5], { relative: 1e-12 });
  });

  it.each([
    [4, 4],
    [-1, 4],
    [NaN, 4],
    [1, NaN],
  ])('refuses a warm-up of %d in %d steps', (warmupSteps, totalSteps) => {
    const make = () => warmupCosine({ peak: 1, warmupSteps, totalSteps });
    expect(make).toThrow(TransfusionError);
    expect(make).toThrow(`warmupCosine: warmupSteps is ${warmupSteps}, expected 0 to less than totalSteps`);
  });
});

it('constantLr does not change', () => {
  expect([0, 1, 1e6].map(constantLr(0.1))).toEqual([0.1, 0.1, 0.1]);
});

describe('EMA', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('is the weighted mean of all parameters seen', () => {
    let average = { w: [tf.tensor1d([1, -1])] };
    const seen = [
      [3, 0],
      [0.5, 2],
      [-1, 1],
    ];
    for (const values of seen) average = updateEma(average, { w: [tf.tensor1d(values)] }, tf.scalar(0.75));
    const expected = [0, 1].map((i) =>
      seen.reduce((mean, values) => 0.75 * mean + 0.25 * values[i], [1, -1][i]),
    );
    expectClose(average.w[0].dataSync(), expected, { relative: 1e-6 });
  });

  it('does not drift from parameters that do not change', () => {
    const params = { w: tf.tensor1d([0.1, 1 / 3, 12345.678]) };
    let average = params;
    for (let i = 0; i < 50; i++) average = updateEma(average, params, tf.scalar(0.999));
    expect(average.w.dataSync()).toEqual(params.w.dataSync());
  });

  it('trusts the first parameters less', () => {
    expect([0, 8, 90, 1e6].map((step) => emaDecayAt(step, 0.9))).toEqual([0.1, 0.5, 0.9, 0.9]);
    expect(emaDecayAt(90, 0.999)).toBe(0.91);
  });
});
