import type * as tf from '@transfusion/tfjs';

type Run = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** A call that a program might make by mistake, or on purpose. */
export interface Attempt {
  readonly name: string;
  readonly inputs: () => tf.Tensor[];
  readonly run: Run;
  /**
   * `as cpu`: the same values as on the `cpu` backend, or an error if that throws.
   * `throws`: an error, whatever `cpu` does. `value`: anything but an error.
   */
  readonly expected: 'as cpu' | 'throws' | 'value';
  /** Computed by `cpu` for comparison, if `cpu` gets `run` itself wrong. */
  readonly reference: Run | undefined;
  /** Requires the error at the call of the op, as for mistakes of shape and type. */
  readonly atCall: boolean;
  /** Substrings of the error message. */
  readonly messageParts: readonly string[];
}

export type AttemptOptions = Partial<Pick<Attempt, 'expected' | 'reference' | 'messageParts'>>;

/** An entry of a table of attempts. */
export function attempt(
  name: string,
  inputs: () => tf.Tensor[],
  run: Run,
  { expected = 'as cpu', reference, messageParts = [] }: AttemptOptions = {},
): Attempt {
  return { name, inputs, run, expected, reference, atCall: false, messageParts };
}

/** A mistake of shape or type: throws at the call, and names the op. */
export function mistake(
  name: string,
  inputs: () => tf.Tensor[],
  run: Run,
  ...messageParts: string[]
): Attempt {
  return { name, inputs, run, expected: 'throws', reference: undefined, atCall: true, messageParts };
}
