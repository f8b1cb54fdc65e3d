/**
 * Keeps `onnxruntime-node` from copying results. After a run, its binding copies every output into a
 * fresh `ArrayBuffer`, even one that was computed into an array of the caller: for the state of a
 * training step this takes a tenth of its time, and produces as much garbage as state. The binding
 * converts outputs in the graph's order and throws at the first that it cannot convert, such as a
 * sequence. So the graph gets an empty sequence as its first output; when the binding throws, all other
 * outputs have been computed in place.
 */
import { ProtobufWriter } from '../graph/protobuf-writer.js';
import { sizeOf, type Shape } from '../graph/value.js';

/** Name of the sequence; no other value of a graph has it. */
export const SEQUENCE_OUTPUT = 'uncopied';

/** Error message of the binding for a sequence, in `OrtValueToNapiValue`. */
const SEQUENCE_ERROR = 'Non tensor type is temporarily not supported';

/** Number of elements below which a copy costs less than the exception. */
const COPY_THRESHOLD = 65_536;

/** Returns true if a graph's outputs are too large to copy. */
export function isCopyExpensive(outputs: readonly { readonly shape: Shape }[]): boolean {
  return outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0) >= COPY_THRESHOLD;
}

/** Returns the serialized model with the sequence as its first output. */
export function withSequenceOutput(model: Uint8Array): Uint8Array {
  const result = new Uint8Array(PREFIX.length + model.length);
  result.set(PREFIX);
  result.set(model, PREFIX.length);
  return result;
}

/** Returns true if a run failed only at the sequence: all other outputs are valid. */
export function isSequenceError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(SEQUENCE_ERROR);
}

/**
 * A model with only the sequence. Concatenated protocol-buffer messages are merged, and their repeated
 * fields (nodes, outputs) are appended, so prepending this extends a model.
 */
const PREFIX = sequenceModel();

function sequenceModel(): Uint8Array {
  const floats = new ProtobufWriter().message(1, new ProtobufWriter().int(1, 1));
  const type = new ProtobufWriter().message(4, new ProtobufWriter().message(1, floats));
  const output = new ProtobufWriter().string(1, SEQUENCE_OUTPUT).message(2, type);
  const node = new ProtobufWriter()
    .string(2, SEQUENCE_OUTPUT)
    .string(3, SEQUENCE_OUTPUT)
    .string(4, 'SequenceEmpty');
  const graph = new ProtobufWriter().message(1, node).message(12, output);
  return new ProtobufWriter().message(7, graph).finish();
}
