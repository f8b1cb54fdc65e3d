import { dirname, resolve } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type { GraphArray } from '../graph/dtype.js';
import type { Initializer } from '../graph/model-proto.js';
import { createWeightsFile, type WeightsFile } from './weights-file.js';

/** Initializers, and the file that has their data if it is not in the model itself. */
export interface PlacedWeights {
  readonly initializers: readonly Initializer[];
  readonly file?: string;
}

/** Protocol buffers are limited to 2 GiB; the difference leaves room for the graph itself. */
const MAX_EMBEDDED_BYTES = 2 ** 31 - 2 ** 26;

/** Writes weights into a second file if asked to, or if one cannot hold them. */
export function placeWeights(
  where: string,
  weights: readonly (Initializer & { readonly data: GraphArray })[],
  { externalData, path }: { readonly externalData?: boolean | WeightsFile; readonly path?: string },
): PlacedWeights {
  const into = (file: WeightsFile): PlacedWeights => ({
    initializers: weights.map((weight) => ({ ...weight, data: file.add(weight.data) })),
    file: file.path,
  });
  if (typeof externalData === 'object') {
    assertBeside(where, externalData.path, path);
    return into(externalData);
  }
  const tooLarge = weights.reduce((sum, { data }) => sum + data.byteLength, 0) > MAX_EMBEDDED_BYTES;
  if (!(externalData ?? tooLarge)) {
    if (!tooLarge) return { initializers: weights };
    throw new TransfusionError(
      'invalid-argument',
      `${where}: the weights exceed the 2 GB that one file can hold. Leave out \`externalData: false\`.`,
    );
  }
  if (path === undefined) {
    throw new TransfusionError(
      'invalid-argument',
      `${where}: externalData needs a path to write the weights beside. Set \`path\`.`,
    );
  }
  const own = createWeightsFile(`${path}.data`);
  try {
    return into(own);
  } finally {
    own.close();
  }
}

/** A model finds its weights by the name of their file, in its own folder. */
function assertBeside(where: string, file: string, path: string | undefined): void {
  if (path === undefined || dirname(resolve(path)) === dirname(resolve(file))) return;
  throw new TransfusionError(
    'invalid-argument',
    `${where}: the weights file is ${file}, expected a file in the folder of ${path}. Write both to one folder.`,
  );
}
