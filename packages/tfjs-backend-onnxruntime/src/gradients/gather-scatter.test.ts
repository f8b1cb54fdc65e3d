import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

const ints = (shape: number[], ...values: number[]): tf.Tensor => tf.tensor(values, shape, 'int32');

const GATHERS = [
  { shape: [4, 3], indices: ints([3], 2, 0, 2), axis: 0, batchDims: 0 },
  { shape: [2, 4, 2], indices: ints([2, 2], 3, 0, 3, 1), axis: 1, batchDims: 0 },
  { shape: [2, 3, 2], indices: ints([2, 2], 1, 1, 0, 2), axis: -2, batchDims: 1 },
  { shape: [2, 2, 2, 3], indices: ints([2, 2], 1, 0, 2, 2), axis: 3, batchDims: 1 },
  { shape: [2, 2, 3, 2], indices: ints([2, 2, 2], 1, 1, 0, 2, 2, 0, 1, 0), axis: 2, batchDims: 2 },
];

checkGradients('gather and scatter', [
  ...GATHERS.map(({ shape, indices, axis, batchDims }) =>
    gradient('GatherV2', [spread(shape)], (x) => tf.gather(x, indices as tf.Tensor1D, axis, batchDims), {
      variant: `[${shape}], axis ${axis}, batchDims ${batchDims}`,
      cpu: batchDims > 0 ? 'lacks' : 'same', // its gather knows no batch axes but the first
    }),
  ),
  gradient('GatherNd', [spread([3, 2, 2])], (x) => tf.gatherND(x, ints([3, 2], 0, 1, 2, 0, 0, 1))),
  gradient('ScatterNd', [spread([3, 2])], (x) => tf.scatterND(ints([3, 1], 1, 3, 1), x, [4, 2])),
  gradient('TensorScatterUpdate', [spread([4, 2]), spread([2, 2])], (x, updates) =>
    tf.tensorScatterUpdate(x, ints([2, 1], 3, 1), updates),
  ),
  gradient('TopK', [spread([3, 4])], (x) => tf.topk(x, 2).values),
  gradient('StridedSlice', [spread([4, 5])], (x) => tf.stridedSlice(x, [3, 1], [0, 5], [-2, 2])),
]);
