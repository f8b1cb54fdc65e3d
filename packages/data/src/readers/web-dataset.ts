import type { DocumentSource } from '../document-source.js';
import { captioned, chooseCaption } from './caption.js';
import { readSlice, toJson, toText } from './dataset-files.js';
import { decodeFile, mediaOf, type FileModality } from './file-modality.js';
import { indexedSource, nameOfFiles } from './indexed-source.js';
import { badRecord } from './record-errors.js';
import { indexTar, type TarMember } from './tar-index.js';

/** Options of {@link webDataset}. */
export interface WebDatasetOptions {
  /** The modality whose files have captions; its `media` finds and decodes them. */
  readonly modality: FileModality;
}

/** The files of one key, by their extension. */
interface Sample {
  readonly shard: string;
  readonly location: string;
  readonly members: ReadonlyMap<string, TarMember>;
  /** Stands for the rest of a broken shard. */
  readonly problem?: string;
}

/**
 * Reads shards of WebDataset, as img2dataset and others write them: tar archives in which files of one base
 * name form a record, `0001.jpg` with `0001.txt`, or with `0001.json` that has a `caption` (a text, or
 * a list to choose from). Shards are not unpacked; opening them reads their headers only. What a
 * broken shard holds up to the break can be used; the rest counts as one bad record.
 *
 * @throws TransfusionError `invalid-file` if a shard is missing, or all are empty, `invalid-argument` for a modality
 *   without media
 */
export async function webDataset(
  tarPaths: readonly string[],
  { modality }: WebDatasetOptions,
): Promise<DocumentSource> {
  const media = mediaOf(modality, 'webDataset');
  const samples: Sample[] = [];
  for (const path of tarPaths) samples.push(...(await samplesOf(path)));
  return indexedSource({
    name: nameOfFiles(tarPaths),
    length: samples.length,
    locate: (i) => samples[i].location,
    files: () => tarPaths,
    segments: async (i, rng) => {
      const { shard, members, problem } = samples[i];
      if (problem !== undefined) throw badRecord(`${problem}. Get the archive again.`);
      const extension = [...members.keys()].find((name) => media.extensions.includes(name));
      if (extension === undefined) {
        throw badRecord(
          `has only ${[...members.keys()].join(', ')}, expected ${media.extensions.join(', ')}.`,
        );
      }
      const caption = chooseCaption(await captionsOf(shard, members), rng);
      const { name, start, size } = members.get(extension)!;
      const value = await decodeFile(media.decode, await readSlice(shard, start, size), name);
      return captioned(caption, modality.name, value);
    },
  });
}

async function samplesOf(shard: string): Promise<Sample[]> {
  const { members, problem } = await indexTar(shard);
  const byKey = new Map<string, Map<string, TarMember>>();
  for (const member of members) {
    const [key, extension] = keyAndExtension(member.name) ?? [];
    if (key === undefined || extension === undefined) continue;
    const known = byKey.get(key) ?? new Map<string, TarMember>();
    byKey.set(key, known.set(extension, member));
  }
  const samples: Sample[] = [...byKey].map(([key, files]) => ({
    shard,
    location: `${shard}: ${key}`,
    members: files,
  }));
  if (problem === undefined) return samples;
  return [...samples, { shard, location: shard, members: new Map(), problem }];
}

/** Splits the name of a shard's file at the first dot of its base name; undefined for one without. */
export function keyAndExtension(name: string): readonly [key: string, extension: string] | undefined {
  const [, key, extension] = /^((?:.*\/)?[^/.]+)(\.[^/]+)$/.exec(name) ?? [];
  return key === undefined ? undefined : [key, extension.toLowerCase()];
}

async function captionsOf(shard: string, members: ReadonlyMap<string, TarMember>): Promise<unknown> {
  const text = members.get('.txt');
  const json = members.get('.json');
  if (text !== undefined) return toText(await readSlice(shard, text.start, text.size), `'${text.name}'`);
  if (json === undefined) throw badRecord('has no .txt or .json. Add one with the caption.');
  const what = `'${json.name}'`;
  const content = toJson(toText(await readSlice(shard, json.start, json.size), what), what);
  const caption = (content as { caption?: unknown } | null)?.caption;
  if (caption === undefined) throw badRecord(`${what} has no 'caption'. Add it, or a .txt.`);
  return caption;
}
