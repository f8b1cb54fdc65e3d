import type * as tf from '@transfusion/tfjs';
import type { TensorsOf } from '../dynamic/dynamic-function.js';
import { formatShape } from '../dynamic/size-expression.js';
import { axesOf, traceDynamic, type DynamicInputs } from '../dynamic/trace-dynamic.js';
import { describeTree } from '../jit/tree.js';
import { resultNames } from './names.js';
import { weightsOf } from './weights.js';
import { tracingBackend, writeModel, type ExportedModel, type OnnxFileOptions } from './write-model.js';

/** Options of {@link exportDynamicOnnx}. */
export interface ExportDynamicOnnxOptions<
  Inputs extends DynamicInputs,
  Params,
> extends OnnxFileOptions<Params> {
  /** Name in errors. */
  readonly name: string;
  readonly inputs: Inputs;
}

/** Arguments of an exported function: `params`, if set, and the inputs. */
export type ExportArguments<Inputs, Params> = [Params] extends [undefined]
  ? [inputs: TensorsOf<Inputs>]
  : [params: Params, inputs: TensorsOf<Inputs>];

/**
 * Exports a function of tensors as an ONNX file for all lengths of the named axes of its inputs: the function that
 * `compileDynamic` compiles. Axes become symbolic dimensions (`dim_param`) of inputs and outputs, by their names
 * (`rows`); lengths computed from them are written out (`past + length`). Tensors and variables that the function
 * closes over become initializers.
 *
 * @param fn receives `params` first, if set, then a record of the inputs; returns a record of the outputs
 * @throws TransfusionError `sizes-in-jit` as `compileDynamic` does; `invalid-argument` if an option is invalid, an input
 *   has the name of an output, or the active backend is not `onnxruntime`; otherwise as `jit`
 */
export function exportDynamicOnnx<const Inputs extends DynamicInputs, Params = undefined>(
  fn: (...args: ExportArguments<Inputs, Params>) => Readonly<Record<string, tf.Tensor>>,
  options: ExportDynamicOnnxOptions<Inputs, Params>,
): ExportedModel {
  const { name, inputs } = options;
  const where = `exportDynamicOnnx(${name})`;
  const backend = tracingBackend(where);
  const axes = axesOf(where, inputs);
  const params = options.params === undefined ? undefined : describeTree(options.params, `${where} params`);
  const source = { where, name, fn, params: params === undefined ? [] : [params.spec], inputs, axes };
  return traceDynamic(backend, source, (traced) => {
    const outputNames = resultNames(traced.outputPaths);
    return writeModel(
      {
        where,
        inputs: traced.inputs,
        outputs: traced.graph.outputs.map((value, i) => {
          return { name: outputNames[i], value, shape: formatShape(traced.outputShapes[i], axes) };
        }),
        weights: weightsOf(backend, params?.leaves ?? [], traced.params, traced.captures),
      },
      options,
    );
  });
}
