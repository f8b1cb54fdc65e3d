/** Machine-readable reason of an {@link EngineError}. */
export type EngineErrorCode =
  | 'read-in-jit'
  | 'random-in-jit'
  | 'unsupported-in-jit'
  | 'escaped-from-jit'
  | 'variable-in-jit'
  | 'invalid-argument'
  | 'disposed'
  | 'out-of-memory'
  | 'onnxruntime-compile'
  | 'onnxruntime-run'
  | 'engine-missing';

const BRAND = Symbol.for('@transfusion/tfjs-backend-onnxruntime/EngineError');

/**
 * The one error class of this package: thrown for mistakes a caller can mend. The message says
 * where, what was expected, what was found and what to do; `code` is for programs.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Like `instanceof`, but also true for errors made by another copy of this package. */
  static isInstance(error: unknown): error is EngineError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

/** Throws when a condition that this package guarantees to itself does not hold. */
export function invariant(condition: unknown, message: () => string): asserts condition {
  if (!condition) throw new Error(`tfjs-backend-onnxruntime: broken invariant: ${message()}`);
}
