/** Opens ONNX files of networks that map images or tokens to vectors. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import {
  openOnnxModel,
  type ExecutionProvider,
  type OnnxModel,
  type OnnxPort,
  type OnnxTensor,
} from '@transfusion/tfjs-backend-onnxruntime';

/** An open ONNX file. */
export interface VectorNetwork {
  readonly path: string;
  readonly model: OnnxModel;
  /** SHA-256 of the file. */
  readonly hash: string;
}

/**
 * Opens an ONNX file.
 *
 * @throws TransfusionError `not-found` if it cannot be read, `invalid-file` if ONNX Runtime cannot load it
 */
export async function openNetwork(
  path: string,
  executionProviders: readonly ExecutionProvider[] | undefined,
): Promise<VectorNetwork> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TransfusionError(
      'not-found',
      `${path}: cannot be read (${code}), expected an ONNX file. Export the network, or correct the path.`,
      { cause },
    );
  }
  return { path, model: await openOnnxModel(path, { executionProviders }), hash: hash.digest('hex') };
}

/**
 * Finds an input or output by name, or the only one.
 *
 * @throws TransfusionError `invalid-file` if there is none, or it is not of float32 where that is asked for
 */
export function findPort(
  path: string,
  kind: 'input' | 'output',
  ports: readonly OnnxPort[],
  names: readonly string[],
): OnnxPort {
  const port =
    names.length === 0 && ports.length === 1 ? ports[0] : ports.find(({ name }) => names.includes(name));
  if (port !== undefined) return port;
  const found = ports.map(({ name }) => `'${name}'`).join(', ');
  const expected = names.length === 0 ? 'one alone' : names.map((name) => `'${name}'`).join(' or ');
  throw new TransfusionError(
    'invalid-file',
    `${path}: has the ${kind}s ${found}, expected ${expected}. Name the ${kind} of the file.`,
  );
}

/**
 * Runs a network and returns one vector per row of an output.
 *
 * @throws TransfusionError `mismatch` if it fails, or the output is not [N, D]; `invalid-file` for elements that are not
 *   finite
 */
export async function runToVectors(
  { path, model }: VectorNetwork,
  feeds: Readonly<Record<string, OnnxTensor>>,
  output: string,
  numRows: number,
): Promise<Float32Array[]> {
  const { shape, dtype, data } = (await runOrExplain(path, model, feeds, output))[output];
  const [N, D, ...rest] = shape;
  // Pooled maps may keep their spatial axes: [N, D, 1, 1].
  if (dtype !== 'float32' || D === undefined || N !== numRows || rest.some((length) => length !== 1)) {
    throw new TransfusionError(
      'mismatch',
      `${path}: the output '${output}' is ${dtype} [${shape.join(', ')}], expected float32 [${numRows}, D]: one vector per input. ` +
        'Name a pooled output of the file.',
    );
  }
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: the output '${output}' is ${data[index]} at index ${index % D} of row ${Math.floor(index / D)}, expected finite values. ` +
        'Its weights may be damaged, or overflow in half precision.',
    );
  }
  return Array.from({ length: numRows }, (_, row) => data.slice(row * D, (row + 1) * D));
}

async function runOrExplain(
  path: string,
  model: OnnxModel,
  feeds: Readonly<Record<string, OnnxTensor>>,
  output: string,
): Promise<Record<string, OnnxTensor>> {
  try {
    return await model.run(feeds, [output]);
  } catch (cause) {
    if (!TransfusionError.isInstance(cause) || cause.code !== 'onnxruntime-run') throw cause;
    const inputs = Object.entries(feeds).map(([name, { shape }]) => `'${name}' [${shape.join(', ')}]`);
    throw new TransfusionError(
      'mismatch',
      `${path}: cannot run with ${inputs.join(', ')} (${cause.message}). Correct the size or the layout of the input.`,
      { cause },
    );
  }
}
