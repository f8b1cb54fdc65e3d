/** The graphs of an exported folder as ONNX Runtime's sessions. */
import { TransfusionError } from '@transfusion/errors';
import { SUFFIXES, type ExportPrecision } from '@transfusion/export/export-format';
import type { FolderReader, ReadOptions } from './folder-reader.js';
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
  /** Lengths of axes that inputs must have, by their names; absent ones may have any. */
  readonly read: (path: string) => Promise<Uint8Array>;
}

/**
 * Loads graphs with the weights that they share.
 *
 * @throws TransfusionError `invalid-file` for a graph that cannot be loaded
 */
export async function loadGraphs(
  folder: FolderReader,
  { ort, device, precision, names, read }: LoadGraphsOptions,
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
        };
        sessions.set(name, await ort.InferenceSession.create(graph, options));
      } catch (cause) {
        throw new TransfusionError(
          'invalid-file',
          `${folder.where}: ${path} cannot be loaded on ${device} with ${weights} of ${data.length} bytes ` +
            `(${messageOf(cause)}). Download or export the folder again.`,
          { cause },
        );
      }
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
    const results: Record<string, Float32Array> = {};
    for (const [output, tensor] of Object.entries(outputs)) {
      results[output] = (await tensor.getData()) as Float32Array;
      tensor.dispose();
    }
    return results;
  };

  let last: Promise<unknown> = Promise.resolve();
  return {
    run: (name, inputs) => {
      const result = last.then(() => runNow(name, inputs));
      last = result.catch(() => undefined);
      return result;
    },
    dispose: () => last.then(dispose),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
