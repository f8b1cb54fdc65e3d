/** Machine-readable reason of a {@link TransfusionError}. */
export type TransfusionErrorCode =
  /** An argument or a configuration value is wrong. */
  | 'invalid-argument'
  /** Two things that must fit together do not: shapes, vocabularies, checkpoints. */
  | 'mismatch'
  /** A file is missing, or is not what its name says. */
  | 'invalid-file'
  /** A record of a data set cannot be used. */
  | 'invalid-record'
  /** Something that was asked for by name is not there. */
  | 'not-found'
  /** Training cannot go on. */
  | 'training-failed'
  /** An engine's package is not installed, or does not load. */
  | 'engine-missing'
  /** An engine has no memory left. */
  | 'out-of-memory'
  /** A compiled function is used after `dispose`. */
  | 'disposed'
  /** A traced function reads a tensor's values. */
  | 'read-in-jit'
  /** A traced function draws random numbers. */
  | 'random-in-jit'
  /** A traced function calls an operation that cannot be compiled. */
  | 'unsupported-in-jit'
  /** A tensor of a trace is used outside of it. */
  | 'escaped-from-jit'
  /** A traced function makes, assigns or disposes of a variable in a way that cannot be compiled. */
  | 'variable-in-jit'
  /** ONNX Runtime refuses a graph. */
  | 'onnxruntime-compile'
  /** ONNX Runtime fails while it runs a graph. */
  | 'onnxruntime-run';

const BRAND = Symbol.for('@transfusion/TransfusionError');

/**
 * The one error class of the libraries: thrown for mistakes that a caller can mend. The message says
 * where, what was expected, what was found and what to do; `code` is for programs.
 */
export class TransfusionError extends Error {
  override readonly name = 'TransfusionError';
  readonly code: TransfusionErrorCode;

  constructor(code: TransfusionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Like `instanceof`, but also true for errors made by another copy of the package. */
  static isInstance(error: unknown): error is TransfusionError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

/** Throws when a condition that the libraries guarantee to themselves does not hold. */
export function invariant(condition: unknown, message: () => string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message()}`);
}
