import * as tf from '@transfusion/tfjs';
import type { Rng } from '../rng.js';
import type { SaveTensors } from './custom-gradient.js';
import { initLinear, linear, type LinearParams } from './linear.js';

/**
 * Parameters of {@link swiGlu}: `gate` and `up` [dim, ffnDim], `down` [ffnDim, dim]; no biases, as in Llama.
 */
export type SwiGluParams = {
  readonly gate: LinearParams;
  readonly up: LinearParams;
  readonly down: LinearParams;
};

/** Initializes {@link swiGlu} with normal weights. */
export function initSwiGlu(
  rng: Rng,
  dim: number,
  ffnDim: number,
  { stddev = 0.02, downStddev = stddev }: { stddev?: number; downStddev?: number } = {},
): SwiGluParams {
  return {
    gate: initLinear(rng.fork('gate'), dim, ffnDim, { stddev }),
    up: initLinear(rng.fork('up'), dim, ffnDim, { stddev }),
    down: initLinear(rng.fork('down'), ffnDim, dim, { stddev: downStddev }),
  };
}

/** Computes down(silu(gate(x)) · up(x)) (Shazeer 2020, "GLU variants improve transformer"). */
export function swiGlu({ gate, up, down }: SwiGluParams, x: tf.Tensor): tf.Tensor {
  return linear(down, silu(linear(gate, x)).mul(linear(up, x)));
}

/** Computes x · sigmoid(x), also called swish. First derivatives only. */
export function silu(x: tf.Tensor): tf.Tensor {
  return siluOf(x);
}

/** SiLU with the gradient s + y · (1 - s) in four passes over memory; automatic differentiation takes six. */
const siluOf = tf.customGrad((x, save) => {
  const gate = tf.sigmoid(x as tf.Tensor);
  const y = gate.mul(x as tf.Tensor);
  (save as SaveTensors)([gate, y]);
  const gradFunc = (dy: tf.Tensor, [s, saved]: tf.Tensor[]): tf.Tensor =>
    dy.mul(s.add(saved.sub(saved.mul(s))));
  return { value: y, gradFunc };
});
