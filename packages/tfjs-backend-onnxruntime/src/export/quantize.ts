import { roundHalfEven } from '../graph/round-half-even.js';
import { sizeOf, type Shape } from '../graph/value.js';

/** A tensor as integers and the scale of each channel: `values * scales`, which broadcast along one axis. */
export interface Quantized {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Quantizes symmetrically, with the scale `max|w| / 127` for each index of `axis` (ONNX `QuantizeLinear` without zero
 * point): no element is off by more than half of its scale. A channel of zeros has the scale 1.
 */
export function quantize(data: Float32Array, shape: Shape, axis: number): Quantized {
  const channels = shape[axis];
  const inner = sizeOf(shape.slice(axis + 1));
  const scales = new Float32Array(channels);
  for (let i = 0, row = 0; i < data.length; row++) {
    const channel = row % channels;
    for (const end = i + inner; i < end; i++) {
      scales[channel] = Math.max(scales[channel], Math.abs(data[i]));
    }
  }
  for (let channel = 0; channel < channels; channel++) {
    scales[channel] /= 127;
    if (scales[channel] === 0) scales[channel] = 1;
  }
  const values = new Int8Array(data.length);
  for (let i = 0, row = 0; i < data.length; row++) {
    const scale = scales[row % channels];
    for (const end = i + inner; i < end; i++) {
      values[i] = Math.min(Math.max(roundHalfEven(data[i] / scale), -127), 127);
    }
  }
  return { values, scales };
}
