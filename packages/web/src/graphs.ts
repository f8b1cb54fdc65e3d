/** The graphs of an exported folder as ONNX Runtime's sessions. */
import { TransfusionError } from '@transfusion/errors';
import { SUFFIXES, type ExportPrecision } from '@transfusion/export/export-format';
import type { FolderReader } from './folder-reader.js';
import { nextTurn } from './next-turn.js';
import type { Device, Ort } from './ort.js';

/** An input or output: float32 unless `data` is int32. */
export interface GraphTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** Loaded graphs. */
export interface Graphs {
  /** Runs a graph by its name; runs of several callers take place one after another. */
  run(
    name: string,
    inputs: Readonly<Record<string, GraphTensor>>,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  dispose(): Promise<void>;
}

/** Options of {@link loadGraphs}. */
export interface LoadGraphsOptions {
  readonly ort: typeof Ort;
  readonly device: Device;
  readonly precision: ExportPrecision;
  readonly names: readonly string[];
  /** Lengths that inputs must have, by their names; undefined may be any. */
  readonly axes: Readonly<Record<string, readonly (number | undefined)[]>>;
  readonly read: (path: string) => Promise<Uint8Array>;
}

/**
 * Loads graphs with the weights that they share.
 *
 * @throws TransfusionError `invalid-file` for a graph that cannot be loaded
 */
export async function loadGraphs(
  folder: FolderReader,
  { ort, device, precision, names, axes, read }: LoadGraphsOptions,
): Promise<Graphs> {
  const suffix = SUFFIXES[precision];
  const weights = `weights${suffix}.onnx_data`;
  const data = await read(`onnx/${weights}`);
  const sessions = new Map<string, Ort.InferenceSession>();
  const dispose = async (): Promise<void> => {
    for (const session of sessions.values()) await session.release();
    sessions.clear();
  };
  try {
    for (const name of names) {
      const path = `onnx/${name}${suffix}.onnx`;
      const graph = await read(path);
      try {
        const options: Ort.InferenceSession.SessionOptions = {
          executionProviders: [device],
          externalData: [{ path: weights, data }],
          // Weights in int8 are converted once, not in each run: on wasm, a token takes a ninth of the time.
          extra: { session: { disable_quant_qdq: '1' } },
        };
        const session = await ort.InferenceSession.create(graph, options);
        sessions.set(name, session);
      } catch (cause) {
        if (messageOf(cause).startsWith('no available backend')) throw noRuntime(device, cause);
        throw new TransfusionError(
          'invalid-file',
          `${folder.where}: ${path} cannot be loaded on ${device} with ${weights} of ${data.length} bytes ` +
            `(${messageOf(cause)}). Download or export the folder again.`,
          { cause },
        );
      }
      checkInputs(sessions.get(name)!, axes, `${folder.where}: ${path}`);
    }
  } catch (error) {
    await dispose();
    throw error;
  }

  const runNow = async (
    name: string,
    inputs: Readonly<Record<string, GraphTensor>>,
  ): Promise<Record<string, Float32Array>> => {
    const session = sessions.get(name);
    if (session === undefined)
      throw new TransfusionError('disposed', 'web: the model is disposed. Load it again.');
    const feeds: Record<string, Ort.Tensor> = {};
    for (const input of session.inputNames) {
      const { data: values, dims } = inputs[input];
      feeds[input] =
        values instanceof Int32Array
          ? new ort.Tensor('int32', values, dims)
          : new ort.Tensor('float32', values, dims);
    }
    const outputs = await session.run(feeds);
    // Messages, such as one that ends this, are received between two runs, and events are sent.
    await nextTurn();
    const results: Record<string, Float32Array> = {};
    for (const [output, tensor] of Object.entries(outputs)) {
      results[output] = (await tensor.getData()) as Float32Array;
      tensor.dispose();
    }
    return results;
  };

  /** End of the runs so far, without the last one's result. */
  let last: Promise<void> = Promise.resolve();
  return {
    run: (name, inputs) => {
      const result = last.then(() => runNow(name, inputs));
      last = result.then(ignore, ignore);
      return result;
    },
    dispose: () => last.then(dispose),
  };
}

function noRuntime(device: Device, cause: unknown): TransfusionError {
  return new TransfusionError(
    'not-found',
    `loadModel: ONNX Runtime does not start on ${device} (${messageOf(cause)}). Serve its ort-wasm files, and give the ` +
      'folder of their URL as wasmPaths.',
    { cause },
  );
}

function checkInputs(
  { inputMetadata }: Ort.InferenceSession,
  axes: LoadGraphsOptions['axes'],
  where: string,
): void {
  for (const input of inputMetadata) {
    const expected = axes[input.name];
    if (expected === undefined || !input.isTensor) continue;
    const { shape } = input;
    const fits =
      shape.length === expected.length && expected.every((length, i) => (length ?? shape[i]) === shape[i]);
    if (fits) continue;
    throw new TransfusionError(
      'invalid-file',
      `${where}: its input ${input.name} has the shape [${shape.join(', ')}], expected ` +
        `[${expected.map((length) => length ?? 'any').join(', ')}] by config.json. Take both from one export.`,
    );
  }
}

function ignore(): void {}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
