import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';
import { runKernel } from '../testing-internals/run-kernel.js';

checkGradients('reduction', [
  gradient('ArgMax', [spread([2, 3])], (x) => tf.argMax(x, 1)),
  gradient('ArgMin', [spread([2, 3])], (x) => tf.argMin(x, 0)),
  gradient('Cumsum', [spread([2, 3])], (x) => tf.cumsum(x, 1)),
  gradient('Cumsum', [spread([3, 2])], (x) => tf.cumsum(x, 0, true, true), { variant: 'exclusive, reverse' }),
  gradient('LogSoftmax', [spread([2, 3])], (x) => runKernel('LogSoftmax', { logits: x }, { axis: -1 }), {
    cpu: 'lacks',
  }),
  gradient('Max', [spread([2, 3])], (x) => tf.max(x, 1)),
  gradient('Mean', [spread([2, 3, 2])], (x) => tf.mean(x, [0, 2])),
  gradient('Min', [spread([2, 3])], (x) => tf.min(x, 0, true)),
  gradient('Prod', [spread([2, 3])], (x) => tf.prod(x, 1)),
  gradient('Softmax', [spread([2, 4])], (x) => tf.softmax(x)),
  gradient('Sum', [spread([2, 3, 2])], (x) => tf.sum(x, 1)),
]);
