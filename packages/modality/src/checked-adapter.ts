/**
 * An adapter whose results are checked while they are traced: a wrong shape would be reported, far from its cause, by an
 * operation of the transformer. Shapes are known then; a compiled step runs none of this.
 */
import { callPlugin } from './call-plugin.js';
import { checkFunctions, type Fields } from './check-field.js';
import { checkTensor, isTensor } from './check-tensor.js';
import { describeValue } from './describe-value.js';
import type { ContinuousModality, LatentAdapter } from './modality.js';
import { wrongResult } from './wrong-result.js';

/**
 * Creates the adapter of a modality, with results that are checked.
 *
 * @throws TransfusionError, as all functions of the adapter do: what the modality throws, naming modality and function;
 *   `invalid-plugin` for results of other shapes or types
 */
export function checkedAdapter(modality: ContinuousModality, modelDim: number): LatentAdapter {
  const where = `modality '${modality.name}'`;
  const call = <T>(name: string, run: () => T): T => callPlugin(`${where}: ${name}()`, run);
  const adapter = call('createAdapter', () => modality.createAdapter(modelDim));
  const fields = Object(adapter) as Fields;
  checkFunctions(modality.name, 'createAdapter().', fields, ['init', 'embed', 'project', 'flops']);
  return {
    init: (rng) => {
      const params = call('init', () => adapter.init(rng));
      checkParams(`${where}: init()`, params, '');
      return params;
    },
    embed: (params, noisyLatents, timesteps) => {
      const result: unknown = call('embed', () => adapter.embed(params, noisyLatents, timesteps));
      const { hidden, skips } = Object(result) as Fields;
      const [N, ...latentShape] = noisyLatents.shape;
      const shape = [N, modality.spanLength(latentShape), modelDim];
      checkTensor(`${where}: embed()`, 'hidden vectors of ', hidden, shape, 'spans, spanLength, modelDim');
      if (Array.isArray(skips) && skips.every(isTensor)) return result as ReturnType<LatentAdapter['embed']>;
      throw wrongResult(
        `${where}: embed()`,
        `skips: ${describeValue(skips)}`,
        'an array of tensors',
        'Return [] if there are no skip connections.',
      );
    },
    project: (params, hidden, timesteps, skips, latentShape) => {
      const output: unknown = call('project', () =>
        adapter.project(params, hidden, timesteps, skips, latentShape),
      );
      const shape = [hidden.shape[0], ...latentShape];
      checkTensor(`${where}: project()`, '', output, shape, 'its latent shape');
      return output;
    },
    flops: (latentShape) => {
      const flops: unknown = call('flops', () => adapter.flops(latentShape));
      if (typeof flops === 'number' && Number.isFinite(flops) && flops >= 0) return flops;
      const found = typeof flops === 'number' ? String(flops) : describeValue(flops);
      const expected = 'a finite number of at least 0';
      throw wrongResult(
        `${where}: flops()`,
        found,
        expected,
        'Count the operations of embed() and project().',
      );
    },
  };
}

/** Checks that parameters are a tree of float32 tensors, naming the path of what is not. */
function checkParams(subject: string, node: unknown, path: string): void {
  const at = path === '' ? '' : ` at '${path}'`;
  if (isTensor(node)) {
    if (node.dtype === 'float32') return;
    throw wrongResult(
      subject,
      `a tensor of ${node.dtype}${at}`,
      'float32',
      'Parameters are trained: cast it.',
    );
  }
  if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) {
    const expected = 'a tree of tensors';
    throw wrongResult(subject, describeValue(node) + at, expected, 'Return objects and arrays of tensors.');
  }
  for (const [name, child] of Object.entries(node)) {
    checkParams(subject, child, path === '' ? name : `${path}.${name}`);
  }
}
