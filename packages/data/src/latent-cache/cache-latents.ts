/**
 * A latent cache on disk: a slow codec, such as a VAE, encodes the values of a source once, instead of in every epoch.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import {
  encodeLatents,
  type CachedLatent,
  type ContinuousModality,
  type Document,
  type Latent,
  type Segment,
} from '@transfusion/modality';
import { createRng, readSafetensors, writeSafetensors, type StoredTensor } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { hashValue } from '../hash-value.js';

/** Options of {@link cacheLatents}. */
export interface CacheLatentsOptions {
  /** The modality whose values are encoded. */
  readonly modality: ContinuousModality;
  /** Folder of the cache; must not be used for anything else. */
  readonly directory: string;
  /** Number of records per file; defaults to 1024. Interrupted encoding resumes after the last complete file. */
  readonly shardSize?: number;
  /** Number of values that the codec encodes at a time; defaults to 16. */
  readonly batchSize?: number;
  /** Reports progress, in records. */
  onProgress?(done: number, total: number): void;
  /** Aborting it stops encoding after the current values; complete files are kept. */
  readonly signal?: AbortSignal;
}

/** Content of `cache.json`. */
interface CacheInfo {
  readonly formatVersion: 1;
  readonly modality: string;
  readonly codec: string;
  readonly source: string;
  /** See `DocumentSource.dataHash`. */
  readonly data: string | null;
  readonly records: number;
  readonly shardSize: number;
}

/** Number of records that are compared with the cache when it is opened, to detect changed data. */
const NUM_CHECKED_RECORDS = 32;

/**
 * Encodes the values that are not cached yet (equal values once), and returns a source with latents in place of values.
 * Unreadable records, values that the codec refuses, and latents that are not finite or of a shape that the modality does
 * not list are not cached: they fail when they are read.
 *
 * @throws TransfusionError `invalid-plugin` if the codec breaks its contract, naming the record; `mismatch` if the folder has latents of a different codec or data set, `invalid-file` if one
 *   of its files is damaged; the signal's reason when aborted
 */
export async function cacheLatents(
  source: DocumentSource,
  options: CacheLatentsOptions,
): Promise<DocumentSource> {
  const { directory, modality, shardSize = 1024 } = options;
  await mkdir(directory, { recursive: true });
  await checkInfo(directory, {
    formatVersion: 1,
    modality: modality.name,
    codec: modality.codec.id,
    source: source.name,
    data: (await source.dataHash?.()) ?? null,
    records: source.length,
    shardSize,
  });
  const latents: Latents = new Map();
  const byHash: LatentsByHash = new Map();
  for (let start = 0; start < source.length; start += shardSize) {
    const end = Math.min(source.length, start + shardSize);
    const path = join(directory, `latents-${String(start).padStart(8, '0')}.safetensors`);
    if (!existsSync(path)) await encodeShard(source, options, byHash, path, start, end);
    await readShard(path, latents, byHash, start, end);
    options.onProgress?.(end, source.length);
  }
  await checkUnchanged(source, options, latents);
  const toCachedLatent = (latent: Latent): CachedLatent => ({
    kind: 'cached-latent',
    codec: modality.codec.id,
    latent,
  });
  return {
    name: source.name,
    length: source.length,
    locate: (index) => source.locate(index),
    read: async (index, rng, readOptions): Promise<Document> => {
      const recordLatents = latents.get(index);
      if (recordLatents === undefined) return source.read(index, rng, readOptions);
      const { segments } = await source.read(index, rng, { without: modality.name });
      const isCached = (_: Segment, position: number): boolean => recordLatents.has(position);
      const areAllCached = segments.filter((segment) => segment.modality === modality.name).every(isCached);
      let position = 0;
      return {
        segments: (areAllCached ? segments : (await source.read(index, rng)).segments).map((segment) => {
          if (segment.modality !== modality.name) return segment;
          const latent = recordLatents.get(position++)?.latent;
          return latent === undefined ? segment : { ...segment, value: toCachedLatent(latent) };
        }),
      };
    },
  };
}

/** By record, and by index among the record's values of the modality. */
type Latents = Map<number, Map<number, { readonly latent: Latent; readonly hash: string }>>;

/** By the hash of the value: equal values share a latent. */
type LatentsByHash = Map<string, Latent>;

async function checkInfo(directory: string, info: CacheInfo): Promise<void> {
  const path = join(directory, 'cache.json');
  if (!existsSync(path)) {
    await writeFile(`${path}.tmp`, `${JSON.stringify(info, undefined, 2)}\n`);
    await rename(`${path}.tmp`, path);
    return;
  }
  const stored = parseInfo(await readFile(path, 'utf8'), path);
  for (const key of Object.keys(info) as (keyof CacheInfo)[]) {
    if (stored[key] === info[key]) continue;
    throw new TransfusionError(
      'mismatch',
      `${path}: ${key} is ${JSON.stringify(stored[key])}, expected ${JSON.stringify(info[key])}. ` +
        'Delete the folder to encode again, or use a different one.',
    );
  }
}

function parseInfo(text: string, path: string): Partial<CacheInfo> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<CacheInfo>;
  } catch (cause) {
    throw new TransfusionError(
      'invalid-file',
      `${path}: ${(cause as Error).message}. Delete the folder to encode again.`,
      {
        cause,
      },
    );
  }
}

async function encodeShard(
  source: DocumentSource,
  { modality, batchSize = 16, onProgress, signal }: CacheLatentsOptions,
  byHash: LatentsByHash,
  path: string,
  start: number,
  end: number,
): Promise<void> {
  const hashes: Record<string, string> = {};
  const pending = new Map<string, PlacedValue>();
  const flush = async (): Promise<void> => {
    const encoded = await encodeAll(modality, [...pending.values()]);
    [...pending.keys()].forEach((hash, i) => {
      const latent = encoded[i];
      if (latent !== undefined) byHash.set(hash, latent);
    });
    pending.clear();
  };
  for (let index = start; index < end; index++) {
    signal?.throwIfAborted();
    for (const [position, value] of await readValues(source, index, modality)) {
      const hash = hashValue(value);
      hashes[`${index}.${position}`] = hash;
      if (!byHash.has(hash)) pending.set(hash, { value, where: source.locate(index) });
    }
    if (pending.size >= batchSize) {
      await flush();
      onProgress?.(index + 1, source.length);
    }
  }
  await flush();
  const encoded = Object.entries(hashes).filter(([, hash]) => byHash.has(hash));
  const tensors = encoded.map(([name, hash]): [string, StoredTensor] => {
    const { shape, data } = byHash.get(hash)!;
    return [name, { dtype: 'float32', shape, data }];
  });
  await writeSafetensors(path, Object.fromEntries(tensors), { metadata: Object.fromEntries(encoded) });
}

/** A value, and the location of its record for messages. */
interface PlacedValue {
  readonly value: unknown;
  readonly where: string;
}

/** Encodes all values that the codec accepts. A value that it refuses does not make the rest of its batch fail. */
async function encodeAll(
  modality: ContinuousModality,
  placed: readonly PlacedValue[],
): Promise<(Latent | undefined)[]> {
  if (placed.length === 0) return [];
  try {
    const [values, wheres] = [placed.map(({ value }) => value), placed.map(({ where }) => where)];
    return [...(await encodeLatents(modality, values, wheres))];
  } catch (error) {
    if (!TransfusionError.isInstance(error) || error.code === 'invalid-plugin') throw error;
    if (placed.length === 1) return [undefined];
    const latents = await Promise.all(placed.map((one) => encodeAll(modality, [one])));
    return latents.flat();
  }
}

/** Reads a record's values that can be encoded, with their index among its values of the modality; none if unreadable. */
async function readValues(
  source: DocumentSource,
  index: number,
  modality: ContinuousModality,
): Promise<(readonly [position: number, value: unknown])[]> {
  try {
    const { segments } = await source.read(index, createRng(0).fork(index));
    return segments
      .filter(({ modality: name }) => name === modality.name)
      .map(({ value }, position) => [position, value] as const)
      .filter(([, value]) => modality.accepts(value));
  } catch (error) {
    if (TransfusionError.isInstance(error)) return [];
    throw error;
  }
}

async function readShard(
  path: string,
  latents: Latents,
  byHash: LatentsByHash,
  start: number,
  end: number,
): Promise<void> {
  const file = await readSafetensors(path);
  try {
    for (const name of file.tensors.keys()) {
      const [index, position] = name.split('.').map(Number);
      const hash = file.metadata[name];
      const { dtype, shape, data } = await file.read(name);
      if (!(index >= start && index < end) || dtype !== 'float32' || hash === undefined) {
        throw new TransfusionError(
          'invalid-file',
          `${path}: '${name}' is not a latent of the records ${start} to ${end - 1}. Delete the file to encode them again.`,
        );
      }
      if (!data.every((value) => Number.isFinite(value))) {
        throw new TransfusionError(
          'invalid-file',
          `${path}: '${name}' has a non-finite element. Delete the file to encode its records again.`,
        );
      }
      const recordLatents = latents.get(index) ?? new Map();
      const latent = byHash.get(hash) ?? { shape, data };
      byHash.set(hash, latent);
      latents.set(index, recordLatents.set(position, { latent, hash }));
    }
  } finally {
    await file.close();
  }
}

/** Reads some records, spread over the source, and compares their values with those that were encoded. */
async function checkUnchanged(
  source: DocumentSource,
  options: CacheLatentsOptions,
  latents: Latents,
): Promise<void> {
  const { modality, directory } = options;
  const count = Math.min(NUM_CHECKED_RECORDS, source.length);
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * source.length) / count);
    for (const [position, value] of await readValues(source, index, modality)) {
      const hash = latents.get(index)?.get(position)?.hash;
      if (hash === undefined || hash === hashValue(value)) continue;
      throw new TransfusionError(
        'mismatch',
        `${directory}: ${source.locate(index)} has changed since its latent was cached. Delete the folder to encode again.`,
      );
    }
  }
}
