import type { DocumentSource } from '../document-source.js';
import { captionedSegments, chooseCaption } from './caption.js';
import { decodeUtf8, parseJson } from './decode-text.js';
import { decodeFile, requireMedia, type FileModality } from './file-modality.js';
import { describeFiles, indexedSource } from './indexed-source.js';
import { readSlice } from './read-file.js';
import { badRecord } from './record-errors.js';
import { indexTar, type TarMember } from './tar-index.js';

/** Options of {@link webDataset}. */
export interface WebDatasetOptions {
  /** Modality of the captioned files; its `media` gives their extensions and decodes them. */
  readonly modality: FileModality;
}

/** A WebDataset sample: files with one key. */
interface Sample {
  readonly shard: string;
  readonly location: string;
  /** By extension. */
  readonly members: ReadonlyMap<string, TarMember>;
  /** Set on the one entry that represents the unreadable rest of a damaged shard. */
  readonly problem?: string;
}

/**
 * Reads WebDataset shards (tar archives), as written by img2dataset. Files with the same key (path up to the first dot
 * of the base name) form a sample: `0001.jpg` with `0001.txt`, or (if that is missing or empty) with a `0001.json` whose `caption` is a string or a
 * list to choose from. Shards are indexed by their headers, not unpacked. In a damaged shard, samples before the damage
 * are used; the rest counts as one bad record.
 *
 * @throws TransfusionError `invalid-file` if a shard is missing, or there are no samples, `invalid-argument` for a
 *   modality without media
 */
export async function webDataset(
  tarPaths: readonly string[],
  { modality }: WebDatasetOptions,
): Promise<DocumentSource> {
  const media = requireMedia(modality, 'webDataset');
  const samples: Sample[] = [];
  for (const path of tarPaths) samples.push(...(await indexShard(path)));
  return indexedSource({
    name: describeFiles(tarPaths),
    length: samples.length,
    locate: (i) => samples[i].location,
    files: () => tarPaths,
    readSegments: async (i, rng) => {
      const { shard, members, problem } = samples[i];
      if (problem !== undefined) throw badRecord(problem);
      const extension = [...members.keys()].find((name) => media.extensions.includes(name));
      if (extension === undefined) {
        throw badRecord(
          `has only ${[...members.keys()].join(', ')}, expected ${media.extensions.join(', ')}.`,
        );
      }
      const caption = chooseCaption(await readCaptions(shard, members), rng);
      const { name, start, size } = members.get(extension)!;
      const value = await decodeFile(media.decode, await readSlice(shard, start, size), name);
      return captionedSegments(caption, modality.name, value);
    },
  });
}

async function indexShard(shard: string): Promise<Sample[]> {
  const { members, problem } = await indexTar(shard);
  const byKey = new Map<string, Map<string, TarMember>>();
  for (const member of members) {
    const [key, extension] = keyAndExtension(member.name) ?? [];
    if (key === undefined || extension === undefined) continue;
    const files = byKey.get(key) ?? new Map<string, TarMember>();
    byKey.set(key, files.set(extension, member));
  }
  const samples: Sample[] = [...byKey].map(([key, files]) => ({
    shard,
    location: `${shard}: ${key}`,
    members: files,
  }));
  if (problem === undefined) return samples;
  return [...samples, { shard, location: shard, members: new Map(), problem }];
}

/**
 * Splits a file's path in a shard into key and (lower-case) extension, at the first dot of the base name; undefined if
 * there is no dot.
 */
export function keyAndExtension(path: string): readonly [key: string, extension: string] | undefined {
  const [, key, extension] = /^((?:.*\/)?[^/.]+)(\.[^/]+)$/.exec(path) ?? [];
  return key === undefined ? undefined : [key, extension.toLowerCase()];
}

async function readCaptions(shard: string, members: ReadonlyMap<string, TarMember>): Promise<unknown> {
  const text = members.get('.txt');
  const json = members.get('.json');
  if (text !== undefined) {
    const caption = decodeUtf8(await readSlice(shard, text.start, text.size), `'${text.name}'`);
    if (caption.trim() !== '' || json === undefined) return caption;
  }
  if (json === undefined) throw badRecord('has no .txt or .json file: add one with the caption.');
  const name = `'${json.name}'`;
  const content = parseJson(decodeUtf8(await readSlice(shard, json.start, json.size), name), name);
  const caption = (content as { caption?: unknown } | null)?.caption;
  if (caption === undefined)
    throw badRecord(`${name} has no 'caption'. Add it, or a .txt file with the caption.`);
  return caption;
}
