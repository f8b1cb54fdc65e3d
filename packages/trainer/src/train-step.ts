/**
 * One training step as one compiled graph: forward, backward, clipping, optimizer and EMA. A step whose loss
 * or gradient is not finite changes nothing. The input state is not donated and outlives the call, so
 * skipping a step means returning it: no select in the graph, no extra memory. With several micro-batches
 * (gradient accumulation), one graph accumulates gradients and another applies them. Frozen parameters are inputs of
 * the graphs only: no gradient, optimizer state or average is computed for them.
 */
import * as tf from '@transfusion/tfjs';
import { invariant } from '@transfusion/errors';
import {
  clipByGlobalNorm,
  disposeReplaced,
  flattenParams,
  mapParams,
  updateEma,
  valueAndGrad,
  type FlatParams,
  type Optimizer,
  type Params,
} from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainableModel } from './trainable-model.js';
import { replaceParams, trainedParams } from './trained-params.js';

/** State that changes from step to step. */
export type TrainState<P extends Params, OptimizerState extends Params> = {
  readonly params: P;
  /** Of the parameters that are not frozen, by dotted path. */
  readonly optimizerState: OptimizerState;
  /** EMA of the parameters, for sampling. */
  readonly ema: P;
};

/** Report of a step, as scalar tensors. */
export type StepReport = {
  /** Joint loss. */
  readonly loss: tf.Scalar;
  /** Norm of the gradient before clipping. */
  readonly gradNorm: tf.Scalar;
  /** Squared norm of the gradient of each parameter that is not frozen, in the order of `flattenParams`. */
  readonly squaredGradNorms: tf.Tensor1D;
  /** 1 if the step was taken, 0 if it was skipped because the loss or gradient norm was not finite. */
  readonly applied: tf.Scalar;
  /** Unnormalized sum of each loss part, by name; divide by `lossCounts` for the mean. */
  readonly sums: Record<string, tf.Scalar>;
};

/** Options of {@link createTrainStep}. */
export interface TrainStepOptions<OptimizerState extends Params> {
  readonly optimizer: Optimizer<OptimizerState>;
  /** Global norm to which gradients are clipped; defaults to 1. */
  readonly clipNorm?: number;
  /** Paths of parts that are not trained (`trunk`, `adapters.image`); defaults to none. */
  readonly freeze?: readonly string[];
}

/** A compiled training step. */
export interface TrainStep<P extends Params, Batch, OptimizerState extends Params> {
  /** Initializes the state from parameters. @throws TransfusionError for paths in `freeze` that they do not have */
  init(params: P): TrainState<P, OptimizerState>;
  /**
   * Takes a step with the accumulated gradients of the micro-batches, which must have been uploaded with the
   * loss counts of all of them together. Takes ownership of `state`: continue with the returned one, which is
   * the same if the step was skipped. The caller disposes of the report; the batches stay the caller's.
   */
  run(
    state: TrainState<P, OptimizerState>,
    microBatches: readonly Batch[],
    settings: { readonly learningRate: number; readonly emaDecay: number },
  ): { state: TrainState<P, OptimizerState>; report: StepReport };
  /** Frees the compiled graphs. */
  dispose(): void;
}

/** Creates the training step; each graph is compiled on first use. */
export function createTrainStep<P extends Params, Batch extends object, OptimizerState extends Params>(
  model: Pick<TrainableModel<P, never, Batch>, 'loss'>,
  { optimizer, clipNorm = 1, freeze = [] }: TrainStepOptions<OptimizerState>,
): TrainStep<P, Batch, OptimizerState> {
  type State = TrainState<P, OptimizerState>;
  type Updated = TrainState<FlatParams, OptimizerState>;

  const lossAndGradients = (params: P, batch: Batch): LossAndGradients => {
    const lossOf = (trained: FlatParams) => model.loss(replaceParams(params, trained), batch);
    const { loss, gradients, aux } = valueAndGrad(lossOf, trainedParams(params, freeze));
    return { loss, gradients, sums: aux };
  };
  const applyGradients = (
    state: State,
    { loss, gradients, sums }: LossAndGradients,
    learningRate: tf.Scalar,
    emaDecay: tf.Scalar,
  ): { updated: Updated; report: StepReport } => {
    const { clipped, norm, squaredNorms } = clipByGlobalNorm(gradients, clipNorm);
    const allFinite = tf.isFinite(norm).logicalAnd(tf.isFinite(loss));
    const { params, state: optimizerState } = optimizer.update(
      trainedParams(state.params, freeze),
      clipped,
      state.optimizerState,
      learningRate,
    );
    const ema = updateEma(trainedParams(state.ema, freeze), params, emaDecay);
    const squaredGradNorms = tf.stack([...squaredNorms]) as tf.Tensor1D;
    return {
      updated: { params, optimizerState, ema },
      report: { loss, gradNorm: norm, squaredGradNorms, applied: allFinite.toFloat() as tf.Scalar, sums },
    };
  };

  const singleBatchStep = jit(
    (state: State, batch: Batch, learningRate: tf.Scalar, emaDecay: tf.Scalar) =>
      applyGradients(state, lossAndGradients(state.params, batch), learningRate, emaDecay),
    { name: 'trainStep' },
  );
  const firstMicroBatch = jit(lossAndGradients, { name: 'firstMicroBatch' });
  // Sums, not means: each batch's loss is already divided by the `lossCounts` over all micro-batches.
  const accumulateMicroBatch = jit(
    (total: LossAndGradients, params: P, batch: Batch): LossAndGradients => {
      const added = flattenParams(lossAndGradients(params, batch));
      return mapParams(total, (tensor, path) => tensor.add(added[path]));
    },
    { name: 'accumulateMicroBatch', donate: [0] },
  );
  const applyStep = jit(applyGradients, { name: 'applyStep', donate: [1] });

  const run: TrainStep<P, Batch, OptimizerState>['run'] = (state, microBatches, settings) => {
    const learningRate = tf.scalar(settings.learningRate);
    const emaDecay = tf.scalar(settings.emaDecay);
    try {
      const [first, ...rest] = microBatches;
      invariant(first !== undefined, () => 'trainStep: microBatches is empty, expected at least one');
      if (rest.length === 0) {
        return keepFiniteState(state, singleBatchStep(state, first, learningRate, emaDecay));
      }
      let total = firstMicroBatch(state.params, first);
      for (const batch of rest) total = accumulateMicroBatch(total, state.params, batch);
      return keepFiniteState(state, applyStep(state, total, learningRate, emaDecay));
    } finally {
      tf.dispose([learningRate, emaDecay]);
    }
  };

  return {
    init: (params) => ({
      params,
      optimizerState: optimizer.init(trainedParams(params, freeze)),
      ema: mapParams(params, (tensor) => tensor.clone()),
    }),
    run,
    dispose: () => {
      for (const graph of [singleBatchStep, firstMicroBatch, accumulateMicroBatch, applyStep])
        graph.dispose();
    },
  };
}

type LossAndGradients = { loss: tf.Scalar; gradients: FlatParams; sums: Record<string, tf.Scalar> };

/** Returns the state after the step, or that before it if the step is skipped; frees what the other has alone. */
function keepFiniteState<P extends Params, OptimizerState extends Params>(
  before: TrainState<P, OptimizerState>,
  { updated, report }: { updated: TrainState<FlatParams, OptimizerState>; report: StepReport },
): { state: TrainState<P, OptimizerState>; report: StepReport } {
  const after = {
    params: replaceParams(before.params, updated.params),
    optimizerState: updated.optimizerState,
    ema: replaceParams(before.ema, updated.ema),
  };
  const [applied] = report.applied.dataSync();
  const [kept, left] = applied === 1 ? [after, before] : [before, after];
  disposeReplaced(left, kept);
  return { state: kept, report };
}
