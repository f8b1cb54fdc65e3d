import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

const ints = (...values: number[]): tf.Tensor1D => tf.tensor1d(values, 'int32');

checkGradients('indexing', [
  gradient('GatherV2', [spread([3, 2])], (x) => tf.gather(x, ints(2, 0, 2, 2))),
  gradient('GatherV2', [spread([2, 3, 2])], (x) => tf.gather(x, ints(1, 1, 0, 2).reshape([2, 2]), 1), {
    variant: 'of the second axis',
  }),
  gradient('GatherV2', [spread([2, 3, 2])], (x) => tf.gather(x, ints(1, 1, 0, 2).reshape([2, 2]), 1, 1), {
    variant: 'with a batch axis',
  }),
  gradient('OneHot', [spread([2], [0.3, 1.7])], (x) => tf.oneHot(x.toInt(), 3)),
  gradient('UnsortedSegmentSum', [spread([4, 2])], (x) => tf.unsortedSegmentSum(x, ints(2, 0, 2, 1), 3)),
]);
