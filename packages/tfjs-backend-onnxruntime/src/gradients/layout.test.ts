import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';
import { runKernel } from '../testing-internals/run-kernel.js';

checkGradients('layout', [
  gradient('BatchToSpaceND', [spread([4, 2, 1, 1])], (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
  ),
  gradient(
    'BroadcastTo',
    [spread([2, 1])],
    (x) => runKernel('BroadcastTo', { x }, { shape: [2, 3], inputShape: [2, 1] }),
    { cpu: 'lacks' },
  ),
  gradient('Concat', [spread([2, 1]), spread([2, 2])], (a, b) => tf.concat([a, b], 1)),
  gradient('Concat', [spread([2, 1])], (a) => tf.concat([a, tf.tensor2d([1, 2], [2, 1], 'int32')], 1), {
    variant: 'with int32',
  }),
  gradient(
    'Concat',
    [spread([2, 1])],
    (a) => tf.concat([a, tf.tensor2d([1, 0], [2, 1], 'bool'), tf.zeros([2, 0], 'int32')], 1),
    { variant: 'with bool and an empty tensor' },
  ),
  gradient('ExpandDims', [spread([2, 2])], (x) => tf.expandDims(x, 1)),
  ...(['reflect', 'symmetric'] as const).map((mode) =>
    gradient(
      'MirrorPad',
      [spread([2, 3])],
      (x) =>
        tf.mirrorPad(
          x,
          [
            [1, 0],
            [1, 2],
          ],
          mode,
        ),
      { variant: mode },
    ),
  ),
  gradient('Pack', [spread([2, 2]), spread([2, 2])], (a, b) => tf.stack([a, b, a], 1)),
  gradient('PadV2', [spread([2, 2])], (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 2],
      ],
      3,
    ),
  ),
  gradient('Reshape', [spread([2, 3])], (x) => tf.reshape(x, [3, 2])),
  gradient('Reverse', [spread([2, 3])], (x) => tf.reverse(x, [1])),
  gradient('Slice', [spread([3, 4])], (x) => tf.slice(x, [1, 0], [2, 3])),
  gradient('SpaceToBatchND', [spread([1, 3, 2, 1])], (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [1, 0],
        [0, 0],
      ],
    ),
  ),
  gradient('SplitV', [spread([2, 5])], (x) => tf.split(x, [1, 3, 1], 1)),
  gradient('Tile', [spread([2, 1, 2])], (x) => tf.tile(x, [2, 3, 1])),
  gradient('Transpose', [spread([2, 1, 3])], (x) => tf.transpose(x, [2, 0, 1])),
  gradient('Unpack', [spread([2, 3])], (x) => tf.unstack(x, 1)),
]);
