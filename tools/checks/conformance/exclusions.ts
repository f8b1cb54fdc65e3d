import type { BackendName } from './src/backends.js';

/**
 * Specs that may fail on the backends listed. A full run fails on an entry that matches no spec, or
 * one that passes: such an entry has to go.
 */
export type Exclusion = {
  readonly backends: readonly BackendName[];
  /** The reason why the backend cannot or should not pass, complete without an issue tracker. */
  readonly reason: string;
  /** Set to false for a spec that hangs or kills the process: it is then not run at all. */
  readonly run?: false;
} & (
  | { /** Full name of one spec, as printed. */ readonly spec: string }
  | { /** Beginning of the full names of several specs. */ readonly specsStartingWith: string }
);

export const exclusions: readonly Exclusion[] = [
  {
    spec: 'exp > int32',
    backends: ['onnxruntime'],
    reason:
      'exp(10) = 22026.4658 lies between two float32 values 0.002 apart; ONNX Runtime returns the ' +
      'further one (1 unit in the last place), and the spec allows an absolute 0.001.',
  },
  {
    spec: 'tan > numbers exceed float32 precision',
    backends: ['onnxruntime'],
    reason:
      'tan of a number close to a pole (30144.18): ONNX Runtime is 1 unit in the last place off, ' +
      'which is 0.002, and the spec allows an absolute 0.001.',
  },
  ...['mirrorPad > grad', 'mirrorPad > gradient with clones'].map((spec) => ({
    spec,
    backends: ['onnxruntime'] as const,
    reason:
      "TensorFlow.js's gradient of mirrorPad leaves out the mirrored copies, and the spec wants it so. " +
      'This package registers the right one, which agrees with finite differences.',
  })),
  {
    spec: 'avgPool > gradient x=[3,3,1] f=[3,3] s=1 p=explicit',
    backends: ['onnxruntime'],
    reason:
      "TensorFlow.js's gradient of avgPool divides by the whole window, where the mean it belongs to " +
      'leaves the padding out. This package divides by the same number, as finite differences (and ' +
      'TensorFlow itself) do.',
  },
  {
    spec: 'depthwiseConv2d gradients > throws error on dilations > 1',
    backends: ['onnxruntime'],
    reason: 'This package registers the gradient that TensorFlow.js lacks.',
  },
  {
    spec: 'gradients > errors if relevant ops are missing grads',
    backends: ['onnxruntime'],
    reason:
      'The spec wants logicalAnd to have no gradient. This package registers zero for it, as TensorFlow.js does ' +
      'for greaterEqual, so that tf.where of a comparison can be differentiated.',
  },
];
