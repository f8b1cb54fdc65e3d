/** The adapter of spans of one latent shape, compiled once for all numbers of spans. */
import * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { checkedAdapter } from '@transfusion/modality';
import {
  compileDynamic,
  type DynamicFunction,
  type DynamicInput,
} from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import type { SpanGroupKind } from '../../sequence/span-groups.js';

/** The two halves of an adapter. */
export interface AdapterGraphs {
  /** Number of elements of each skip connection, for one span. */
  readonly skipSizes: readonly number[];
  /** `latents` [spans, ...L], `timesteps` [spans] -> `hidden` [spans, P, D], `skip<i>` [spans, ...]. */
  readonly embed: DynamicFunction;
  /**
   * `hidden` [rows, P, D], `timesteps` [rows], `span` [rows] (the span of each row), `skip<i>` [spans, ...] ->
   * `output` [rows, ...L].
   */
  readonly project: DynamicFunction;
  dispose(): void;
}

/** Compiles the adapter of a modality for latents of one shape. */
export function compileAdapter(
  { transformer }: Transfusion,
  params: TransfusionParams,
  { key, modality, latentShape, spanLength }: SpanGroupKind,
): AdapterGraphs {
  const { modelDim: D } = transformer;
  const adapter = checkedAdapter(modality, D);
  const weights = params.adapters[modality.name];
  const embed = compileDynamic(
    ({ latents, timesteps }) => {
      const { hidden, skips } = adapter.embed(weights, latents, timesteps as tf.Tensor1D);
      return { hidden, ...named(skips) };
    },
    {
      name: `embed ${key}`,
      inputs: { latents: { shape: ['spans', ...latentShape] }, timesteps: { shape: ['spans'] } },
    },
  );
  const { hidden: _, ...skipShapes } = embed.outputShapes({ spans: 2 });
  const skipInputs = Object.entries(skipShapes).map(([name, shape]): [string, DynamicInput] => {
    if (shape[0] === 2) return [name, { shape: ['spans', ...shape.slice(1)] }];
    throw new TransfusionError(
      'mismatch',
      `the adapter of '${modality.name}': ${name} of 2 spans has the shape [${shape.join(', ')}], expected [2, …]. ` +
        'Return skip connections with one entry for each span.',
    );
  });
  const inputs: Record<string, DynamicInput> = {
    hidden: { shape: ['rows', spanLength, D] },
    timesteps: { shape: ['rows'] },
    span: { shape: ['rows'], dtype: 'int32' },
    ...Object.fromEntries(skipInputs),
  };
  const project = compileDynamic(
    (tensors: Readonly<Record<string, tf.Tensor>>) => {
      const skips = skipInputs.map(([name]) => tf.gather(tensors[name], tensors.span as tf.Tensor1D));
      const hidden = tensors.hidden as tf.Tensor3D;
      const timesteps = tensors.timesteps as tf.Tensor1D;
      return { output: adapter.project(weights, hidden, timesteps, skips, latentShape) };
    },
    { name: `project ${key}`, inputs },
  );
  return {
    skipSizes: Object.values(skipShapes).map((shape) => shape.slice(1).reduce((a, b) => a * b, 1)),
    embed,
    project,
    dispose: () => {
      embed.dispose();
      project.dispose();
    },
  };
}

/** Names the skip connections by their position. */
function named(skips: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(skips.map((skip, i) => [`skip${i}`, skip]));
}
