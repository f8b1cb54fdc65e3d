import * as tf from '@transfusion/tfjs';
import '../index.js';
import { checkGradients, gradient, spread } from '../testing-internals/gradient-check.js';

checkGradients('rearrangement', [
  gradient('Tile', [spread([2])], (x) => tf.tile(x, [3])),
  gradient('Tile', [spread([2, 1, 3])], (x) => tf.tile(x, [2, 3, 1]), { variant: 'rank 3' }),
  gradient('Tile', [spread([1, 2, 1, 1, 2])], (x) => tf.tile(x, [2, 1, 2, 1, 2]), { variant: 'rank 5' }),
  gradient('Tile', [spread([1, 2, 1, 1, 2, 1])], (x) => tf.tile(x, [2, 1, 1, 2, 2, 1]), {
    variant: 'rank 6',
  }),
  gradient('DepthToSpace', [spread([1, 2, 1, 8])], (x) => tf.depthToSpace(x as tf.Tensor4D, 2)),
  gradient('FlipLeftRight', [spread([1, 2, 3, 2])], (x) => tf.image.flipLeftRight(x as tf.Tensor4D)),
]);
