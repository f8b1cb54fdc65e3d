import type * as tf from '@transfusion/tfjs';

/** Last argument of a function for `tf.customGrad`, whose type TensorFlow.js does not export. */
export type SaveTensors = (tensors: tf.Tensor[]) => void;
