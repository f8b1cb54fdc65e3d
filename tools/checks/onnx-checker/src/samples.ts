import * as tf from '@transfusion/tfjs';
import type { TensorsOf } from '@transfusion/tfjs-backend-onnxruntime';

/** A function to export, with the inputs it is traced for. */
export interface Sample {
  readonly name: string;
  readonly fn: (...inputs: never) => unknown;
  readonly inputs: readonly tf.Tensor[];
}

const normal = (shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', 1);

/** One function a family of kernels, and a training step that has most of them. */
export function samples(): Sample[] {
  const image = normal([2, 8, 8, 4]);
  const ids = tf.tensor1d([0, 3, 2], 'int32');
  return [
    {
      name: 'element-wise',
      fn: (x: tf.Tensor) => [tf.log1p(tf.abs(x)), tf.expm1(x), tf.mod(x, 3), tf.atan2(x, 2), tf.isNaN(x)],
      inputs: [normal([3, 5])],
    },
    {
      name: 'reductions',
      fn: (x: tf.Tensor) => [tf.max(x, 1), tf.mean(x), tf.argMax(x, 0), tf.cumprod(x, 1), tf.logSumExp(x)],
      inputs: [normal([3, 5])],
    },
    {
      name: 'layout',
      fn: (x: tf.Tensor) => [
        tf.stridedSlice(x, [1, 4], [3, 0], [1, -2]),
        tf.mirrorPad(
          x,
          [
            [1, 1],
            [2, 0],
          ],
          'reflect',
        ),
        tf.concat([tf.reverse(x), tf.tile(x, [2, 1])]),
        tf.cast(x, 'int32'),
      ],
      inputs: [normal([3, 5])],
    },
    {
      name: 'indexing',
      fn: (x: tf.Tensor, i: tf.Tensor1D) => [
        tf.gather(x, i),
        tf.oneHot(i, 4),
        tf.topk(x, 2).indices,
        tf.unsortedSegmentSum(x, tf.cast(tf.pad(i, [[0, 1]]), 'int32') as tf.Tensor1D, 3),
      ],
      inputs: [normal([4, 5]), ids],
    },
    {
      name: 'images',
      fn: (x: tf.Tensor4D) => [
        tf.conv2d(x, tf.ones([3, 3, 4, 6]), 2, 'same'),
        tf.depthwiseConv2d(x, tf.ones([3, 3, 4, 1]), 1, 'valid'),
        tf.maxPool(x, 2, 2, 'valid'),
        tf.avgPool(x, 3, 1, 'same'),
        tf.image.resizeBilinear(x, [16, 12]),
      ],
      inputs: [image],
    },
    { name: 'training step', fn: trainingStep(), inputs: [image, tf.tensor1d([0, 1], 'int32')] },
  ];
}

const decoderInputs = {
  ids: { shape: ['rows', 'length'], dtype: 'int32' },
  places: { shape: ['rows', 'length', 2], dtype: 'int32' },
  past: { shape: ['rows', 'capacity', 32] },
  image: { shape: ['rows', 16, 16, 4] },
} as const;

/** A function with named axes: an embedding, attention with a cache, the tied head and a convolution. */
export function decoder() {
  const params = { embedding: normal([64, 32]), project: normal([32, 32]), filter: normal([3, 3, 4, 32]) };
  const fn = (p: typeof params, { ids, places, past, image }: TensorsOf<typeof decoderInputs>) => {
    const [B, S] = ids.shape as [number, number];
    const embedded = tf.gather(p.embedding, ids.reshape([B * S]) as tf.Tensor1D);
    const keys = tf.matMul(embedded as tf.Tensor2D, p.project as tf.Tensor2D).reshape([B, S, 32]);
    const present = tf.tensorScatterUpdate(past, places, keys);
    const sums = tf.matMul(tf.softmax(tf.matMul(keys, present, false, true)), present);
    return {
      present,
      logits: tf.matMul(sums.reshape([B * S, 32]) as tf.Tensor2D, p.embedding as tf.Tensor2D, false, true),
      features: tf.conv2d(image as tf.Tensor4D, p.filter as tf.Tensor4D, 1, 'same'),
    };
  };
  return { name: 'decoder', fn, params, inputs: decoderInputs };
}

/** A convolutional classifier: forward, backward and Adam's update of its variables' values. */
function trainingStep(): Sample['fn'] {
  const filter = tf.variable(normal([3, 3, 4, 8]), true, 'filter');
  const weight = tf.variable(normal([8 * 16, 3]), true, 'weight');
  const loss = (x: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar => {
    const features = tf.maxPool(tf.relu(tf.conv2d(x, filter as tf.Tensor4D, 1, 'same')), 2, 2, 'same');
    const logits = tf.matMul(tf.reshape(features, [2, -1]), weight as tf.Tensor2D);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 3), logits);
  };
  return (x: tf.Tensor4D, labels: tf.Tensor1D) => {
    const { value, grads } = tf.variableGrads(() => loss(x, labels), [filter, weight]);
    const updated = [filter, weight].map((variable) => {
      const gradient = grads[variable.name];
      return tf.sub(variable, tf.mul(tf.div(gradient, tf.add(tf.sqrt(tf.square(gradient)), 1e-8)), 1e-3));
    });
    return { loss: value, updated };
  };
}
