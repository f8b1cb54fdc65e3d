/** Kernels that resize images [N, h, w, C], and their gradients. */
import { cast, zip } from '../graph/build.js';
import { emit, int64s } from '../graph/emit.js';
import { constant, type Value } from '../graph/value.js';
import { axisMapsGradient, type AxisMap } from './axis-transform.js';
import { graphKernel } from './kernel.js';

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

type SizedAttrs = ResizeAttrs & { readonly size: [number, number] };

export function registerResizeKernels(): void {
  graphKernel<SizedAttrs>('ResizeBilinear', ({ images }, attrs) =>
    interpolate(cast(images, 'float32'), mapsOf(bilinear, images, attrs.size, attrs)),
  );
  graphKernel<SizedAttrs>('ResizeNearestNeighbor', ({ images }, attrs) =>
    interpolate(images, mapsOf(nearest, images, attrs.size, attrs)),
  );
  // The cpu backend's gradients ignore `halfPixelCenters`; these do not.
  graphKernel<ResizeAttrs>('ResizeBilinearGrad', ({ images, dy }, attrs) =>
    axisMapsGradient(dy, mapsOf(bilinear, images, dy.shape.slice(1, 3), attrs)),
  );
  graphKernel<ResizeAttrs>('ResizeNearestNeighborGrad', ({ images, dy }, attrs) =>
    axisMapsGradient(dy, mapsOf(nearest, images, dy.shape.slice(1, 3), attrs)),
  );
}

type Sampling = (input: number, output: number, attrs: ResizeAttrs) => AxisMap;

function mapsOf(sampling: Sampling, images: Value, size: readonly number[], attrs: ResizeAttrs): AxisMap[] {
  return size.map((output, i) => sampling(images.shape[i + 1], output, attrs));
}

/** Input step per output step. */
function ratio(input: number, output: number, { alignCorners }: ResizeAttrs): number {
  return alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output;
}

const bilinear: Sampling = (input, output, attrs) => {
  const scale = ratio(input, output, attrs);
  const sources = Array.from({ length: output }, (_, i) =>
    attrs.halfPixelCenters ? scale * (i + 0.5) - 0.5 : scale * i,
  );
  const lower = sources.map((source) => Math.max(0, Math.floor(source)));
  const upper = sources.map((source) => Math.min(input - 1, Math.ceil(source)));
  const fractions = sources.map((source, i) => source - lower[i]);
  return {
    input,
    terms: [
      { indices: lower, weights: fractions.map((fraction) => 1 - fraction) },
      { indices: upper.map((index) => Math.max(0, index)), weights: fractions },
    ],
  };
};

const nearest: Sampling = (input, output, attrs) => {
  const scale = ratio(input, output, attrs);
  const indices = Array.from({ length: output }, (_, i) => {
    const source = attrs.halfPixelCenters ? scale * (i + 0.5) : scale * i;
    return Math.min(input - 1, attrs.alignCorners ? Math.round(source) : Math.floor(source));
  });
  return { input, terms: [{ indices, weights: indices.map(() => 1) }] };
};

/** Gathers rows, then columns, and interpolates between two if the map has two terms. */
function interpolate(images: Value, maps: readonly AxisMap[]): Value {
  return maps.reduce((image, { terms: [first, second] }, i) => {
    const axis = i + 1;
    const near = pick(image, first.indices, axis);
    if (second === undefined || second.weights.every((weight) => weight === 0)) return near;
    const shape = image.shape.map((_, j) => (j === axis ? second.weights.length : 1));
    const step = zip('Sub', pick(image, second.indices, axis), near);
    return zip('Add', near, zip('Mul', step, constant(second.weights, shape, 'float32')));
  }, images);
}

function pick(image: Value, indices: readonly number[], axis: number): Value {
  if (indices.length === image.shape[axis] && indices.every((index, i) => index === i)) return image;
  const shape = image.shape.map((dim, i) => (i === axis ? indices.length : dim));
  return emit('Gather', [image, int64s(indices)], shape, image.dtype, { axis });
}
