/**
 * `tf.batchNorm` without a scale or an offset has no gradient in TensorFlow.js 4.22: its tape does not accept
 * a missing input. While gradients are recorded, the engine therefore runs the kernel with ones and zeros
 * in their place (`tf.layers.layerNormalization` with `scale` or `center` false).
 */
import * as tf from '@transfusion/tfjs';

/** Extends the engine's `runKernel`; to be called once. */
export function registerBatchNormDefaults(): void {
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine) as typeof engine.runKernel;
  engine.runKernel = ((kernelName: string, inputs: tf.NamedTensorMap, attrs?: tf.NamedAttrMap) =>
    runKernel(
      kernelName,
      isDifferentiated(kernelName) ? complete(inputs) : inputs,
      attrs,
    )) as typeof runKernel;
}

function isDifferentiated(kernelName: string): boolean {
  return kernelName === 'FusedBatchNorm' && tf.engine().state.gradientDepth > 0;
}

function complete(inputs: Readonly<Record<string, tf.Tensor | null | undefined>>): tf.NamedTensorMap {
  const { mean, scale, offset } = inputs;
  return {
    ...(inputs as tf.NamedTensorMap),
    scale: scale ?? tf.ones(mean!.shape),
    offset: offset ?? tf.zeros(mean!.shape),
  };
}
