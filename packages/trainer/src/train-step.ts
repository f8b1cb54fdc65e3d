/**
 * One training step as one compiled graph: forward, backward, clipping, optimizer and EMA. A step whose loss
 * or gradient is not finite changes nothing. The input state is not donated and outlives the call, so
 * skipping a step means returning it: no select in the graph, no extra memory. With several micro-batches
 * (gradient accumulation), one graph accumulates gradients and another applies them.
 */
import * as tf from '@transfusion/tfjs';
import { invariant } from '@transfusion/errors';
import {
  clipByGlobalNorm,
  disposeParams,
  flattenParams,
  mapParams,
  updateEma,
  valueAndGrad,
  type Optimizer,
  type Params,
} from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import type { TrainableModel } from './trainable-model.js';

/** State that changes from step to step. */
export type TrainState<P extends Params, OptimizerState extends Params> = {
  readonly params: P;
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
}

/** A compiled training step. */
export interface TrainStep<P extends Params, Batch, OptimizerState extends Params> {
  /** Initializes the state from parameters. */
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
  { optimizer, clipNorm = 1 }: TrainStepOptions<OptimizerState>,
): TrainStep<P, Batch, OptimizerState> {
  type State = TrainState<P, OptimizerState>;

  const lossAndGradients = (params: P, batch: Batch): LossAndGradients<P> => {
    const { loss, gradients, aux } = valueAndGrad((current) => model.loss(current, batch), params);
    return { loss, gradients, sums: aux };
  };
  const applyGradients = (
    state: State,
    { loss, gradients, sums }: LossAndGradients<P>,
    learningRate: tf.Scalar,
    emaDecay: tf.Scalar,
  ): { state: State; report: StepReport } => {
    const { clipped, norm } = clipByGlobalNorm(gradients, clipNorm);
    const allFinite = tf.isFinite(norm).logicalAnd(tf.isFinite(loss));
    const { params, state: optimizerState } = optimizer.update(
      state.params,
      clipped,
      state.optimizerState,
      learningRate,
    );
    const ema = updateEma(state.ema, params, emaDecay);
    return {
      state: { params, optimizerState, ema },
      report: { loss, gradNorm: norm, applied: allFinite.toFloat() as tf.Scalar, sums },
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
    (total: LossAndGradients<P>, params: P, batch: Batch): LossAndGradients<P> => {
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
      optimizerState: optimizer.init(params),
      ema: mapParams(params, (tensor) => tensor.clone()),
    }),
    run,
    dispose: () => {
      for (const graph of [singleBatchStep, firstMicroBatch, accumulateMicroBatch, applyStep])
        graph.dispose();
    },
  };
}

type LossAndGradients<P extends Params> = { loss: tf.Scalar; gradients: P; sums: Record<string, tf.Scalar> };

/** Returns the step's result, but with the state before it if the step is skipped; frees the other state. */
function keepFiniteState<State extends Params, Result extends { state: State; report: StepReport }>(
  before: State,
  result: Result,
): Result {
  const [applied] = result.report.applied.dataSync();
  disposeParams(applied === 1 ? before : result.state);
  return applied === 1 ? result : { ...result, state: before };
}
