/**
 * Keeps `onnxruntime-node` from copying results. When a run is done, its binding copies every output
 * into a fresh `ArrayBuffer`, also one that was computed into an array of the caller: for the state of
 * a training step a tenth of its time, and as much garbage as state. The binding converts outputs in
 * the graph's order and gives up at the first that it cannot convert, which a sequence is. So the graph
 * gets an empty sequence as its first output; by the time the binding complains about it, all other
 * outputs are computed and where they belong.
 */
import { ProtobufWriter } from '../graph/protobuf-writer.js';
import { sizeOf, type Shape } from '../graph/value.js';

/** Name of the sequence; no value of a graph is called so. */
export const SEQUENCE_OUTPUT = 'uncopied';

/** What the binding says of a sequence, in `OrtValueToNapiValue`. */
const COMPLAINT = 'Non tensor type is temporarily not supported';

/** Copying fewer elements than this costs less than the exception. */
const COPY_THRESHOLD = 65_536;

/** Whether a graph's outputs are so large that they had better not be copied. */
export function isWorthKeeping(outputs: readonly { readonly shape: Shape }[]): boolean {
  return outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0) >= COPY_THRESHOLD;
}

/** The serialized model with the sequence as its first output. */
export function withSequenceOutput(model: Uint8Array): Uint8Array {
  const result = new Uint8Array(PREFIX.length + model.length);
  result.set(PREFIX);
  result.set(model, PREFIX.length);
  return result;
}

/** Whether an error of a run is the complaint: then the run itself went well. */
export function isComplaint(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(COMPLAINT);
}

/**
 * A model of only the sequence. Protocol buffers merge messages that stand one behind the other, and
 * what is repeated in them (nodes, outputs) is appended, so this before a model is that model with more.
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
