import type * as tf from '@tensorflow/tfjs';

type Run = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

/** Something that a program might do by mistake, or on purpose. */
export interface Attempt {
  readonly name: string;
  readonly inputs: () => tf.Tensor[];
  readonly run: Run;
  /**
   * `as cpu`: the same values as on the `cpu` backend, or an error if that throws.
   * `throws`: an error, whatever `cpu` does. `value`: anything but an error.
   */
  readonly expected: 'as cpu' | 'throws' | 'value';
  /** What `cpu` computes for comparison, where it gets `run` itself wrong. */
  readonly reference: Run | undefined;
  /** Whether the error comes at the call of the op, as for mistakes of shape and type. */
  readonly atCall: boolean;
  /** What the message of the error says among other things. */
  readonly says: readonly string[];
}

export type AttemptOptions = Partial<Pick<Attempt, 'expected' | 'reference' | 'says'>>;

/** An entry of a table of attempts. */
export function attempt(
  name: string,
  inputs: () => tf.Tensor[],
  run: Run,
  { expected = 'as cpu', reference, says = [] }: AttemptOptions = {},
): Attempt {
  return { name, inputs, run, expected, reference, atCall: false, says };
}

/** A mistake of shape or type: throws where the op is called, and says the op's name. */
export function mistake(name: string, inputs: () => tf.Tensor[], run: Run, ...says: string[]): Attempt {
  return { name, inputs, run, expected: 'throws', reference: undefined, atCall: true, says };
}
