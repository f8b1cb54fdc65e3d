/**
 * Latents computed once and kept on the disk: a source whose values of one modality are latents already,
 * so that a slow codec (a VAE) is not run again for each epoch.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import type {
  CachedLatent,
  ContinuousModality,
  Document,
  Latent,
  LatentCodec,
  Segment,
} from '@transfusion/modality';
import { createRng, readSafetensors, writeSafetensors, type StoredTensor } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import { hashValue } from '../hash-value.js';

/** Options of {@link cacheLatents}. */
export interface CacheLatentsOptions {
  /** The modality whose values are encoded. */
  readonly modality: ContinuousModality;
  /** A folder for this cache alone. */
  readonly directory: string;
  /** Records in a file; defaults to 1024. An interrupted encoding resumes with the next file. */
  readonly shardSize?: number;
  /** Values that the codec gets at a time; defaults to 16. */
  readonly batchSize?: number;
  /** Called as records are encoded. */
  onProgress?(done: number, total: number): void;
  /** When aborted, encoding ends after the current values; complete files are kept. */
  readonly signal?: AbortSignal;
}

/** The content of `cache.json`. */
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

/** Records that are read again when a finished cache is opened, to detect changed data. */
const NUM_PROBES = 32;

/**
 * Encodes what has not been encoded yet (equal values once), and returns the source with latents instead of values.
 * Records that cannot be read, and values that the codec refuses, stay as they are, and fail when they are read.
 *
 * @throws TransfusionError `mismatch` if the folder holds latents of another codec, or of other data,
 *   `invalid-file` if a file of it is damaged; the signal's reason if that is aborted
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
  for (let begin = 0; begin < source.length; begin += shardSize) {
    const end = Math.min(source.length, begin + shardSize);
    const path = join(directory, `latents-${String(begin).padStart(8, '0')}.safetensors`);
    if (!existsSync(path)) await encodeShard(source, options, byHash, path, begin, end);
    await readShard(path, latents, byHash, begin, end);
    options.onProgress?.(end, source.length);
  }
  await probe(source, options, latents);
  const cached = (latent: Latent): CachedLatent => ({
    kind: 'cached-latent',
    codec: modality.codec.id,
    latent,
  });
  return {
    name: source.name,
    length: source.length,
    locate: (index) => source.locate(index),
    read: async (index, rng, readOptions): Promise<Document> => {
      const ofRecord = latents.get(index);
      if (ofRecord === undefined) return source.read(index, rng, readOptions);
      const { segments } = await source.read(index, rng, { without: modality.name });
      const isCached = (_: Segment, position: number): boolean => ofRecord.has(position);
      const isWhole = segments.filter((segment) => segment.modality === modality.name).every(isCached);
      let position = 0;
      return {
        segments: (isWhole ? segments : (await source.read(index, rng)).segments).map((segment) => {
          if (segment.modality !== modality.name) return segment;
          const latent = ofRecord.get(position++)?.latent;
          return latent === undefined ? segment : { ...segment, value: cached(latent) };
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
  const found = parseInfo(await readFile(path, 'utf8'), path);
  for (const key of Object.keys(info) as (keyof CacheInfo)[]) {
    if (found[key] === info[key]) continue;
    throw new TransfusionError(
      'mismatch',
      `${path}: ${key} is ${JSON.stringify(found[key])} there, but ${JSON.stringify(info[key])} here. ` +
        'Delete the folder to encode anew, or give another one.',
    );
  }
}

function parseInfo(text: string, path: string): Partial<CacheInfo> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<CacheInfo>;
  } catch (cause) {
    throw new TransfusionError('invalid-file', `${path}: ${(cause as Error).message}. Delete the folder.`, {
      cause,
    });
  }
}

async function encodeShard(
  source: DocumentSource,
  { modality, batchSize = 16, onProgress, signal }: CacheLatentsOptions,
  byHash: LatentsByHash,
  path: string,
  begin: number,
  end: number,
): Promise<void> {
  const hashes: Record<string, string> = {};
  const waiting = new Map<string, unknown>();
  const flush = async (): Promise<void> => {
    const encoded = await encodeAll(modality.codec, [...waiting.values()]);
    [...waiting.keys()].forEach((hash, i) => {
      const latent = encoded[i];
      if (latent !== undefined) byHash.set(hash, latent);
    });
    waiting.clear();
  };
  for (let index = begin; index < end; index++) {
    signal?.throwIfAborted();
    for (const [position, value] of await valuesOf(source, index, modality)) {
      const hash = hashValue(value);
      hashes[`${index}.${position}`] = hash;
      if (!byHash.has(hash)) waiting.set(hash, value);
    }
    if (waiting.size >= batchSize) {
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

/** Encodes all values that the codec accepts: one that is refused does not fail the others of its batch. */
async function encodeAll(
  codec: LatentCodec<unknown>,
  values: readonly unknown[],
): Promise<(Latent | undefined)[]> {
  try {
    return [...(await codec.encode(values))];
  } catch (error) {
    if (!TransfusionError.isInstance(error)) throw error;
    if (values.length === 1) return [undefined];
    const alone = await Promise.all(values.map((value) => encodeAll(codec, [value])));
    return alone.flat();
  }
}

/** Returns the values that can be encoded, by index among the record's values of the modality; none if it cannot be read. */
async function valuesOf(
  source: DocumentSource,
  index: number,
  { name, accepts }: ContinuousModality,
): Promise<(readonly [position: number, value: unknown])[]> {
  try {
    const { segments } = await source.read(index, createRng(0).fork(index));
    return segments
      .filter(({ modality }) => modality === name)
      .map(({ value }, position) => [position, value] as const)
      .filter(([, value]) => accepts(value));
  } catch (error) {
    if (TransfusionError.isInstance(error)) return [];
    throw error;
  }
}

async function readShard(
  path: string,
  latents: Latents,
  byHash: LatentsByHash,
  begin: number,
  end: number,
): Promise<void> {
  const file = await readSafetensors(path);
  try {
    for (const name of file.tensors.keys()) {
      const [index, position] = name.split('.').map(Number);
      const hash = file.metadata[name];
      const { dtype, shape, data } = await file.read(name);
      if (!(index >= begin && index < end) || dtype !== 'float32' || hash === undefined) {
        throw new TransfusionError(
          'invalid-file',
          `${path}: '${name}' is no latent of the records ${begin} to ${end - 1}. Delete the file to encode them anew.`,
        );
      }
      if (!data.every((value) => Number.isFinite(value))) {
        throw new TransfusionError(
          'invalid-file',
          `${path}: '${name}' has an element that is not finite. Delete the file to encode its records anew.`,
        );
      }
      const ofRecord = latents.get(index) ?? new Map();
      const latent = byHash.get(hash) ?? { shape, data };
      byHash.set(hash, latent);
      latents.set(index, ofRecord.set(position, { latent, hash }));
    }
  } finally {
    await file.close();
  }
}

/** Reads some records, spread over the source, and compares their values with those that were encoded. */
async function probe(source: DocumentSource, options: CacheLatentsOptions, latents: Latents): Promise<void> {
  const { modality, directory } = options;
  const count = Math.min(NUM_PROBES, source.length);
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * source.length) / count);
    for (const [position, value] of await valuesOf(source, index, modality)) {
      const hash = latents.get(index)?.get(position)?.hash;
      if (hash === undefined || hash === hashValue(value)) continue;
      throw new TransfusionError(
        'mismatch',
        `${directory}: ${source.locate(index)} has changed since its latent was cached. Delete the folder to encode anew.`,
      );
    }
  }
}
