import type * as tf from '@tensorflow/tfjs';

/** What `tf.customGrad` hands to its function as the last argument, whose type it does not export. */
export type SaveTensors = (tensors: tf.Tensor[]) => void;
