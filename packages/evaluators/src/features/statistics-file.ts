/** Statistics of features in pytorch-fid's `.npz`: a zip of the arrays `mu` [D] and `sigma` [D, D]. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { TransfusionError } from '@transfusion/errors';
import { unzipSync, zipSync } from 'fflate';
import type { GaussianStatistics } from './frechet-distance.js';
import { formatNpy, parseNpy, type NpyArray } from './npy.js';

/** Statistics of a reference set; pytorch-fid's files do not say of how many images. */
export type ReferenceStatistics = GaussianStatistics & {
  /** SHA-256 of the file. */
  readonly hash: string;
};

/**
 * Reads an `.npz` that pytorch-fid or clean-fid wrote: float32 or float64, stored or compressed.
 *
 * @throws TransfusionError `not-found` if it cannot be read, `invalid-file` for other content
 */
export async function readFeatureStatistics(path: string): Promise<ReferenceStatistics> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TransfusionError('not-found', `${path}: cannot be read (${code}). Pass the path of an .npz.`, {
      cause,
    });
  }
  const entries = entriesOf(bytes, path);
  const mean = arrayOf(entries, path, 'mu');
  const covariance = arrayOf(entries, path, 'sigma');
  const D = mean.data.length;
  checkShape(path, 'mu', mean, [D]);
  checkShape(path, 'sigma', covariance, [D, D]);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { mean: mean.data, covariance: covariance.data, hash };
}

/** Writes statistics as pytorch-fid does, in float64. */
export async function writeFeatureStatistics(
  path: string,
  { mean, covariance }: GaussianStatistics,
): Promise<void> {
  const D = mean.length;
  const arrays = {
    'mu.npy': formatNpy({ shape: [D], data: mean }),
    'sigma.npy': formatNpy({ shape: [D, D], data: covariance }),
  };
  await writeFile(path, zipSync(arrays, { level: 0 }));
}

function entriesOf(bytes: Uint8Array, path: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: ({ name }) => name === 'mu.npy' || name === 'sigma.npy' });
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: found no zip (${(cause as Error).message}), expected an .npz with mu and sigma. Write it with pytorch-fid's --save-stats.`,
      { cause },
    );
  }
}

function arrayOf(entries: Record<string, Uint8Array>, path: string, name: string): NpyArray {
  const bytes = entries[`${name}.npy`];
  if (bytes !== undefined) return parseNpy(bytes, `${path}, ${name}`);
  throw new TransfusionError(
    'invalid-file',
    `${path}: found no array '${name}', expected mu and sigma. Write it with pytorch-fid's --save-stats.`,
  );
}

function checkShape(
  path: string,
  name: string,
  { shape, data }: NpyArray,
  expected: readonly number[],
): void {
  if (shape.length !== expected.length || shape.some((length, axis) => length !== expected[axis])) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: ${name} has the shape [${shape.join(', ')}], expected [${expected.join(', ')}].`,
    );
  }
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0 && data.length > 0) return;
  throw new TransfusionError(
    'invalid-file',
    `${path}: ${name} ${index < 0 ? 'is empty' : `is ${data[index]} at index ${index}`}, expected finite numbers.`,
  );
}
