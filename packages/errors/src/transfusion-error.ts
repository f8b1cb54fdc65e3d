/** Machine-readable reason of a {@link TransfusionError}. */
export type TransfusionErrorCode =
  /** An argument or a configuration value is wrong. */
  | 'invalid-argument'
  /** Shapes, vocabularies or checkpoints do not fit together. */
  | 'mismatch'
  /** A file is missing, damaged or in an unexpected format. */
  | 'invalid-file'
  /** A record of a dataset is invalid. */
  | 'invalid-record'
  /** A plug-in (a modality, or a part of one) throws, or returns what its contract does not allow. */
  | 'invalid-plugin'
  /** Something requested by name does not exist. */
  | 'not-found'
  /** Training cannot continue. */
  | 'training-failed'
  /** The package of an engine (a TensorFlow.js backend) is not installed, or does not load. */
  | 'engine-missing'
  /** Memory is exhausted. */
  | 'out-of-memory'
  /** A compiled function is used after `dispose`. */
  | 'disposed'
  /** A traced function reads a tensor's values. */
  | 'read-in-jit'
  /** A traced function generates random numbers. */
  | 'random-in-jit'
  /** A traced function calls an operation that cannot be compiled. */
  | 'unsupported-in-jit'
  /** A function compiled for any size of its axes computes differently for different sizes. */
  | 'sizes-in-jit'
  /** A tensor of a trace is used outside of the trace. */
  | 'escaped-from-jit'
  /** A traced function creates, assigns or disposes a variable in a way that cannot be compiled. */
  | 'variable-in-jit'
  /** ONNX Runtime rejects a graph. */
  | 'onnxruntime-compile'
  /** ONNX Runtime fails while running a graph. */
  | 'onnxruntime-run';

/** Codes of errors whose messages may quote what stands in a file. */
const QUOTES_FILES: ReadonlySet<TransfusionErrorCode> = new Set([
  'invalid-file',
  'invalid-record',
  'mismatch',
]);

/** Longer messages lose their middle: what they quote is somewhere in it. */
const MAX_MESSAGE_LENGTH = 1500;

/** Puts spaces for line breaks, and escapes for what terminals obey or do not show. */
function oneLine(message: string): string {
  const line = message
    .replace(/\s*[\n\r\u2028\u2029]\s*/g, ' ')
    .replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (line.length <= MAX_MESSAGE_LENGTH) return line;
  const half = MAX_MESSAGE_LENGTH / 2;
  return `${line.slice(0, half)} … ${line.slice(-half)}`;
}

const BRAND = Symbol.for('@transfusion/TransfusionError');

/**
 * The error class of the libraries, thrown for errors that a caller can fix. The message states where the error is, what
 * was found, what was expected and what to do; `code` is machine-readable. A message about a file or a record is one line
 * of printable text, whatever it quotes.
 */
export class TransfusionError extends Error {
  override readonly name = 'TransfusionError';
  readonly code: TransfusionErrorCode;

  constructor(code: TransfusionErrorCode, message: string, options?: { cause?: unknown }) {
    super(QUOTES_FILES.has(code) ? oneLine(message) : message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Like `instanceof`, but also true for errors of another copy of the package. */
  static isInstance(error: unknown): error is TransfusionError {
    return typeof error === 'object' && error !== null && BRAND in error;
  }
}

/** Throws if a condition that the libraries guarantee does not hold. */
export function invariant(condition: unknown, message: () => string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message()}`);
}
