/**
 * One training step as one compiled graph: forward, backward, clipping, optimizer and EMA. A step whose loss or gradient
 * is not finite changes nothing: the graph keeps its input state beside the one it computes in any case, so the choice
 * between them is made outside, at no cost. With micro-batches, gradients are added up by one graph and applied by
 * another.
 */
import * as tf from '@tensorflow/tfjs';
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
  readonly optimizer: OptimizerState;
  /** EMA of the parameters, for sampling. */
  readonly ema: P;
};

/** Report of a step; all scalars. */
export type StepReport = {
  /** Joint loss. */
  readonly loss: tf.Scalar;
  /** Norm of the gradient before clipping. */
  readonly gradNorm: tf.Scalar;
  /** 1 if the step was taken, 0 if it was skipped because something was not finite. */
  readonly applied: tf.Scalar;
  /** Sum of each part of the loss: `tokens`, and by modality. */
  readonly sums: Record<string, tf.Scalar>;
};

/** Options of {@link createTrainStep}. */
export interface TrainStepOptions<OptimizerState extends Params> {
  readonly optimizer: Optimizer<OptimizerState>;
  /** Largest norm of the gradient; defaults to 1. */
  readonly clipNorm?: number;
}

/** Compiled training step. */
export interface TrainStep<P extends Params, Batch, OptimizerState extends Params> {
  /** Makes the initial state. */
  init(params: P): TrainState<P, OptimizerState>;
  /**
   * Takes a step with the gradient of the micro-batches together. The state is consumed: its tensors are freed. The
   * batches stay the caller's.
   */
  run(
    state: TrainState<P, OptimizerState>,
    microBatches: readonly Batch[],
    settings: { readonly learningRate: number; readonly emaDecay: number },
  ): { state: TrainState<P, OptimizerState>; report: StepReport };
  /** Frees the compiled graphs. */
  dispose(): void;
}

type Evaluated<P extends Params> = { loss: tf.Scalar; gradients: P; sums: Record<string, tf.Scalar> };

/** Returns the step's result, with the state before it if something was not finite; frees the other state. */
function chosen<State extends Params, Result extends { state: State; report: StepReport }>(
  before: State,
  result: Result,
): Result {
  const [isApplied] = result.report.applied.dataSync();
  disposeParams(isApplied === 1 ? before : result.state);
  return isApplied === 1 ? result : { ...result, state: before };
}

/** Makes the training step of a model. Graphs are compiled at their first call. */
export function createTrainStep<P extends Params, Batch extends object, OptimizerState extends Params>(
  model: Pick<TrainableModel<P, never, Batch>, 'loss'>,
  { optimizer, clipNorm = 1 }: TrainStepOptions<OptimizerState>,
): TrainStep<P, Batch, OptimizerState> {
  type State = TrainState<P, OptimizerState>;

  const evaluate = (params: P, batch: Batch): Evaluated<P> => {
    const { loss, gradients, aux } = valueAndGrad((current) => model.loss(current, batch), params);
    return { loss, gradients, sums: aux };
  };
  const apply = (
    state: State,
    { loss, gradients, sums }: Evaluated<P>,
    learningRate: tf.Scalar,
    emaDecay: tf.Scalar,
  ): { state: State; report: StepReport } => {
    const { clipped, norm } = clipByGlobalNorm(gradients, clipNorm);
    const isFinite = tf.isFinite(norm).logicalAnd(tf.isFinite(loss));
    const { params, state: optimizerState } = optimizer.update(
      state.params,
      clipped,
      state.optimizer,
      learningRate,
    );
    const ema = updateEma(state.ema, params, emaDecay);
    return {
      state: { params, optimizer: optimizerState, ema },
      report: { loss, gradNorm: norm, applied: isFinite.toFloat() as tf.Scalar, sums },
    };
  };

  const wholeStep = jit(
    (state: State, batch: Batch, learningRate: tf.Scalar, emaDecay: tf.Scalar) =>
      apply(state, evaluate(state.params, batch), learningRate, emaDecay),
    { name: 'trainStep' },
  );
  const firstMicroStep = jit(evaluate, { name: 'firstMicroStep' });
  const addMicroStep = jit(
    (total: Evaluated<P>, params: P, batch: Batch): Evaluated<P> => {
      const added = flattenParams(evaluate(params, batch));
      return mapParams(total, (tensor, path) => tensor.add(added[path]));
    },
    { name: 'addMicroStep', donate: [0] },
  );
  const applyStep = jit(apply, { name: 'applyStep', donate: [1] });

  const run: TrainStep<P, Batch, OptimizerState>['run'] = (state, microBatches, settings) => {
    const learningRate = tf.scalar(settings.learningRate);
    const emaDecay = tf.scalar(settings.emaDecay);
    try {
      const [first, ...rest] = microBatches;
      invariant(first !== undefined, () => 'a step of no batches');
      if (rest.length === 0) return chosen(state, wholeStep(state, first, learningRate, emaDecay));
      let total = firstMicroStep(state.params, first);
      for (const batch of rest) total = addMicroStep(total, state.params, batch);
      return chosen(state, applyStep(state, total, learningRate, emaDecay));
    } finally {
      tf.dispose([learningRate, emaDecay]);
    }
  };

  return {
    init: (params) => ({
      params,
      optimizer: optimizer.init(params),
      ema: mapParams(params, (tensor) => tensor.clone()),
    }),
    run,
    dispose: () => [wholeStep, firstMicroStep, addMicroStep, applyStep].forEach((fn) => fn.dispose()),
  };
}
