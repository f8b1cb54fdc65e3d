/** Opens an ONNX file as a function from one batch of maps [N, C, h, w] to another. */
import { access } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import {
  openOnnxModel,
  type ExecutionProvider,
  type OnnxPort,
  type OnnxTensor,
} from '@transfusion/tfjs-backend-onnxruntime';

/** Maps [N, C, h, w], in row-major order. */
export interface Maps {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Names of the input and output of an ONNX file. */
export interface OnnxNetworkPorts {
  readonly input: string;
  /** Possible names of the output; the first one in the file is used. */
  readonly outputs: readonly string[];
}

/** An open ONNX file. */
export interface OnnxNetwork {
  readonly path: string;
  /** Fixed axes of the input; dynamic ones are undefined. */
  readonly inputShape: readonly (number | undefined)[];
  /** Runs the network. @throws TransfusionError `mismatch` if it fails, `invalid-file` for NaN in the result */
  run(input: Maps): Promise<Maps>;
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Opens an ONNX file.
 *
 * @throws TransfusionError `invalid-file` if the file is missing, ONNX Runtime cannot load it, or its inputs and outputs
 *   have other names
 */
export async function openOnnxNetwork(
  path: string,
  { input, outputs }: OnnxNetworkPorts,
  executionProviders: readonly ExecutionProvider[],
): Promise<OnnxNetwork> {
  await checkReadable(path);
  const model = await openOnnxModel(path, { executionProviders });
  const inputPort = findPort(path, 'input', model.inputs, [input]);
  if (model.inputs.length > 1) throw wrongPorts(path, 'input', model.inputs, [input]);
  const output = findPort(path, 'output', model.outputs, outputs).name;
  return {
    path,
    inputShape: inputPort.shape.map((length) =>
      typeof length === 'number' && length > 0 ? length : undefined,
    ),
    run: async ({ shape, data }) => {
      let result: OnnxTensor;
      try {
        result = (await model.run({ [input]: { dtype: 'float32', shape, data } }, [output]))[output];
      } catch (error) {
        if (!TransfusionError.isInstance(error) || error.code !== 'onnxruntime-run') throw error;
        const { cause } = error;
        throw new TransfusionError(
          'mismatch',
          `${path}: cannot run with the input '${input}' of [${shape.join(', ')}] (${messageOf(cause)}). ` +
            'Choose other latentShapes, or export the VAE for this size.',
          { cause },
        );
      }
      const maps = { shape: result.shape, data: result.data as Float32Array };
      checkFinite(path, output, maps);
      return maps;
    },
    dispose: () => model.dispose(),
  };
}

async function checkReadable(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: cannot be read (${messageOf(cause)}). Expected the folders that Hugging Face Optimum exports ` +
        '(optimum-cli export onnx): vae_encoder/model.onnx and vae_decoder/model.onnx.',
      { cause },
    );
  }
}

function findPort(
  path: string,
  direction: 'input' | 'output',
  ports: readonly OnnxPort[],
  names: readonly string[],
): OnnxPort {
  const port = names.map((name) => ports.find((candidate) => candidate.name === name)).find(Boolean);
  if (port === undefined) throw wrongPorts(path, direction, ports, names);
  if (port.dtype !== 'float32') {
    throw new TransfusionError(
      'invalid-file',
      `${path}: the ${direction} '${port.name}' is ${port.dtype ?? 'not a tensor'}, expected ` +
        'float32. Export the VAE in full precision.',
    );
  }
  // ONNX Runtime returns no axes for an unknown shape.
  if (port.shape.length !== 4 && port.shape.length !== 0) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: the ${direction} '${port.name}' has the shape [${port.shape.join(', ')}], expected four axes ` +
        '(batch, channels, height, width). Export an image VAE.',
    );
  }
  return port;
}

function wrongPorts(
  path: string,
  direction: string,
  ports: readonly OnnxPort[],
  names: readonly string[],
): TransfusionError {
  const quoted = (list: readonly string[], separator: string): string =>
    list.map((name) => `'${name}'`).join(separator);
  return new TransfusionError(
    'invalid-file',
    `${path}: has the ${direction}s ${quoted(
      ports.map(({ name }) => name),
      ', ',
    )}, expected ${quoted(names, ' or ')}. Is it the right file of the export (a VAE's encoder or decoder)?`,
  );
}

function checkFinite(path: string, output: string, { data }: Maps): void {
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: the output '${output}' is ${data[index]} at index ${index} of ${data.length}, expected finite ` +
      'values. Its weights may be damaged, or overflow in half precision: export it again, in full precision.',
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
