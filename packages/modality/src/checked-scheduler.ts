import type { NoiseScheduler } from '@transfusion/diffusion';
import { callPlugin } from './call-plugin.js';
import { checkTensor } from './check-tensor.js';
import type { ContinuousModality } from './modality.js';

/**
 * Returns what training calls of a modality's noise scheduler, with results that are checked while they are traced.
 *
 * @throws TransfusionError, as its functions do: what the scheduler throws, naming modality and function;
 *   `invalid-plugin` for results of other shapes
 */
export function checkedScheduler({
  name,
  diffusion,
}: ContinuousModality): Pick<NoiseScheduler, 'addNoise' | 'target'> {
  const checked =
    (method: 'addNoise' | 'target'): NoiseScheduler['addNoise'] =>
    (sample, noise, timesteps) => {
      const subject = `modality '${name}': diffusion.${method}()`;
      const result: unknown = callPlugin(subject, () => diffusion[method](sample, noise, timesteps));
      checkTensor(subject, '', result, sample.shape, 'the shape of the samples');
      return result;
    };
  return { addNoise: checked('addNoise'), target: checked('target') };
}
