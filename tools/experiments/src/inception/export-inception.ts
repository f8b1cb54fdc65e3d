/** InceptionV3 as an ONNX file, for evaluators that take any feature network. */
import * as tf from '@tensorflow/tfjs';
import { exportOnnx } from '@transfusion/tfjs-backend-onnxruntime';
import { INCEPTION_SIDE, loadInception } from './load-inception.js';

/** The layer of the mean over 8 × 8 positions, before the classifier. */
const POOLED = 'flatten_1';

/**
 * Writes the network as an ONNX file: `images` [batch, 299, 299, 3] from 0 to 1 -> `features` [batch, 2048]. The active
 * backend must be `onnxruntime`.
 */
export async function exportInception(path: string, batch: number): Promise<void> {
  const { inputs, layers } = await loadInception();
  const { output } = layers.find(({ name }) => name === POOLED)!;
  const pooled = tf.model({ inputs, outputs: output });
  pooled.layers.filter((layer) => layer.getClassName() === 'BatchNormalization').forEach(foldIntoConvolution);
  const example = tf.zeros([batch, INCEPTION_SIDE, INCEPTION_SIDE, 3]);
  exportOnnx((images: tf.Tensor4D) => pooled.apply(images) as tf.Tensor, [example], {
    path,
    inputNames: ['images'],
    outputNames: ['features'],
  });
  tf.dispose(example);
}

/** Keras's default, which the network has. */
const EPSILON = 1e-3;

/** Multiplies the kernels before a normalization by its scale, so that it adds a bias alone: a third of the operations. */
function foldIntoConvolution(normalization: tf.layers.Layer): void {
  const before = normalization.inboundNodes[0].inboundLayers[0];
  const [beta, mean, variance] = normalization.getWeights();
  const bias = tf.tidy(() => {
    const scale = tf.rsqrt(tf.add(variance, EPSILON));
    before.setWeights(before.getWeights().map((kernel) => tf.mul(kernel, scale)));
    return tf.sub(beta, tf.mul(mean, scale));
  });
  normalization.call = (inputs) => tf.add(Array.isArray(inputs) ? inputs[0] : inputs, bias);
}
