import type { Evaluation } from '@transfusion/evaluators';

/** Evaluations of a model. */
export interface EvaluatedRun {
  /** Unique name, short enough for a column; the folder of its results. */
  readonly label: string;
  readonly evaluations: readonly Evaluation[];
}
