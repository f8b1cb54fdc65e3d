/** Kernels for normalization with precomputed statistics, and over neighboring channels. */
import { cast, map, matMul, reshape, zip } from '../graph/build.js';
import { scalar } from '../graph/emit.js';
import { constant, type Value } from '../graph/value.js';
import { graphKernel } from './kernel.js';

interface LrnAttrs {
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

export function registerNormalizationKernels(): void {
  graphKernel<{ varianceEpsilon: number | null }>('FusedBatchNorm', (inputs, { varianceEpsilon }) => {
    const { x, mean, variance, offset, scale } = inputs;
    const deviation = map('Sqrt', zip('Add', variance, scalar(varianceEpsilon ?? 0.001, 'float32')));
    const factor = zip('Div', scale ?? scalar(1, 'float32'), deviation);
    const scaled = zip('Mul', zip('Sub', x, mean), factor);
    return offset === undefined ? scaled : zip('Add', scaled, offset);
  });
  graphKernel<LrnAttrs>('LRN', ({ x }, attrs) =>
    zip('Mul', x, zip('Pow', norms(x, attrs), scalar(-attrs.beta, 'float32'))),
  );
  graphKernel<LrnAttrs>('LRNGrad', ({ x, y, dy }, attrs) => {
    const norm = norms(x, attrs);
    const direct = zip('Mul', dy, zip('Pow', norm, scalar(-attrs.beta, 'float32')));
    // Each x also contributes to the norms of its neighbors.
    const shared = overNeighbors(zip('Div', zip('Mul', dy, y), norm), attrs.depthRadius);
    const factor = scalar(-2 * attrs.alpha * attrs.beta, 'float32');
    return zip('Add', direct, zip('Mul', zip('Mul', x, factor), shared));
  });
}

/** Computes bias + alpha · the sum of the squares of the channels at most `depthRadius` away. */
function norms(x: Value, { depthRadius, bias, alpha }: LrnAttrs): Value {
  const sums = overNeighbors(zip('Mul', x, x), depthRadius);
  return zip('Add', zip('Mul', sums, scalar(alpha, 'float32')), scalar(bias, 'float32'));
}

/** Sums over the channels at most `radius` away: a product with a band matrix of ones. */
function overNeighbors(x: Value, radius: number): Value {
  const channels = x.shape[x.rank - 1];
  const indices = Array.from({ length: channels }, (_, i) => i);
  const distance = map(
    'Abs',
    zip('Sub', constant(indices, [channels, 1], 'int32'), constant(indices, [channels], 'int32')),
  );
  const near = zip('LessOrEqual', distance, scalar(radius, 'int32'), 'bool');
  const rows = reshape(x, [x.size / channels, channels]);
  return reshape(matMul(rows, cast(near, 'float32')), x.shape);
}
