import { TransfusionError } from '@transfusion/errors';
import { Trace } from '../graph/trace.js';
import { releaseCaptures, traceFunction } from '../jit/trace-function.js';
import { describeTree } from '../jit/tree.js';
import { resultNames } from './names.js';
import { weightsOf } from './weights.js';
import { tracingBackend, writeModel, type ExportedModel, type OnnxFileOptions } from './write-model.js';

/** Options of {@link exportOnnx}. */
export interface ExportOnnxOptions<Params> extends OnnxFileOptions<Params> {
  /** One for each input tensor, in order. Defaults to `input0`, `input1`, … */
  readonly inputNames?: readonly string[];
  /** One for each result tensor, in order. Defaults to their paths in the result. */
  readonly outputNames?: readonly string[];
}

/**
 * Exports a function of tensors as an ONNX file that any ONNX Runtime loads. The function is traced
 * as by `jit`; tensors and variables that it closes over become initializers with their current values.
 *
 * @param fn receives `params` first, if set, then the inputs
 * @param exampleInputs trees of tensors with the shapes and element types that the file will expect
 * @throws TransfusionError as `jit` does; `invalid-argument` if an option is invalid, the names do not match the
 *   tensors, or the active backend is not `onnxruntime`
 */
export function exportOnnx<Params = undefined>(
  fn: (...args: never) => unknown,
  exampleInputs: readonly unknown[],
  options: ExportOnnxOptions<Params> = {},
): ExportedModel {
  const backend = tracingBackend('exportOnnx');
  const params = describeTree(options.params ?? [], 'exportOnnx params').leaves;
  const args = options.params === undefined ? exampleInputs : [options.params, ...exampleInputs];
  const trace = new Trace(fn.name || 'exported');
  const traced = traceFunction(backend, trace, fn, describeTree(args, 'exportOnnx arguments').spec);
  try {
    const inputs = traced.parameters.slice(params.length);
    const inputNames = chosenNames(
      'inputNames',
      options.inputNames,
      inputs.map((_, i) => `input${i}`),
    );
    const outputNames = chosenNames('outputNames', options.outputNames, resultNames(traced.resultPaths));
    return writeModel(
      {
        where: 'exportOnnx',
        inputs: inputs.map((value, i) => ({ name: inputNames[i], value, shape: value.shape })),
        outputs: traced.results.map((value, i) => ({ name: outputNames[i], value, shape: value.shape })),
        weights: weightsOf(backend, params, traced.parameters, traced.captures),
      },
      options,
    );
  } finally {
    releaseCaptures(traced.captures);
  }
}

function chosenNames(
  option: string,
  chosen: readonly string[] | undefined,
  fallback: readonly string[],
): readonly string[] {
  if (chosen === undefined) return fallback;
  if (chosen.includes('')) {
    throw new TransfusionError(
      'invalid-argument',
      `exportOnnx: ${option} contains an empty name. Name every tensor.`,
    );
  }
  if (chosen.length === fallback.length) return chosen;
  throw new TransfusionError(
    'invalid-argument',
    `exportOnnx: ${option} has ${chosen.length} names for ${fallback.length} tensors. ` +
      'Pass one for each tensor, in order.',
  );
}
