import type { DocumentSource } from '../document-source.js';
import { captioned, chooseCaption } from './caption.js';
import { readSlice, toJson, toText } from './dataset-files.js';
import { decodeFile, soleDecoder, type Decoders } from './decoders.js';
import { IMAGE_EXTENSIONS } from './image-folder.js';
import { indexedSource, nameOfFiles } from './indexed-source.js';
import { badRecord } from './record-errors.js';
import { indexTar, type TarMember } from './tar-index.js';

/** Which files {@link webDataset} reads, and how. */
export interface WebDatasetOptions {
  /** One decoder; its name is the modality of the files. */
  readonly decode: Decoders;
  /** What the files end in, in lower case; images by default. */
  readonly extensions?: readonly string[];
}

/** The files of one key, by what comes after it. */
interface Sample {
  readonly shard: string;
  readonly place: string;
  readonly members: ReadonlyMap<string, TarMember>;
  /** Stands for the rest of a broken shard. */
  readonly problem?: string;
}

/**
 * Shards of WebDataset, as img2dataset and others write them: tar archives in which files of one base
 * name make a record, `0001.jpg` with `0001.txt`, or with `0001.json` that has a `caption` (a text, or
 * a list to choose from). Shards are not unpacked; opening them reads their headers only. What a
 * broken shard holds up to the break can be used; the rest counts as one bad record.
 *
 * @throws TransfusionError `invalid-file` if a shard is missing, or all are empty
 */
export async function webDataset(
  tarPaths: readonly string[],
  { decode, extensions = IMAGE_EXTENSIONS }: WebDatasetOptions,
): Promise<DocumentSource> {
  const { modality, decode: decoder } = soleDecoder(decode, 'webDataset');
  const samples: Sample[] = [];
  for (const path of tarPaths) samples.push(...(await samplesOf(path)));
  return indexedSource({
    name: nameOfFiles(tarPaths),
    length: samples.length,
    locate: (i) => samples[i].place,
    files: () => tarPaths,
    segments: async (i, rng) => {
      const { shard, members, problem } = samples[i];
      if (problem !== undefined) throw badRecord(`${problem}. Get the archive again.`);
      const extension = [...members.keys()].find((name) => extensions.includes(name));
      if (extension === undefined) {
        throw badRecord(`has only .${[...members.keys()].join(', .')}, expected .${extensions.join(', .')}.`);
      }
      const caption = chooseCaption(await captionsOf(shard, members), rng);
      const { name, start, size } = members.get(extension)!;
      const value = await decodeFile(decoder, await readSlice(shard, start, size), name);
      return captioned(caption, modality, value);
    },
  });
}

async function samplesOf(shard: string): Promise<Sample[]> {
  const { members, problem } = await indexTar(shard);
  const byKey = new Map<string, Map<string, TarMember>>();
  for (const member of members) {
    const [isNamed, key, extension] = /^((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(member.name) ?? [];
    if (isNamed === undefined) continue;
    const known = byKey.get(key) ?? new Map<string, TarMember>();
    byKey.set(key, known.set(extension.toLowerCase(), member));
  }
  const samples: Sample[] = [...byKey].map(([key, files]) => ({
    shard,
    place: `${shard}: ${key}`,
    members: files,
  }));
  if (problem === undefined) return samples;
  return [...samples, { shard, place: shard, members: new Map(), problem }];
}

async function captionsOf(shard: string, members: ReadonlyMap<string, TarMember>): Promise<unknown> {
  const text = members.get('txt');
  const json = members.get('json');
  if (text !== undefined) return toText(await readSlice(shard, text.start, text.size), `'${text.name}'`);
  if (json === undefined) throw badRecord('has no .txt or .json. Add one with the caption.');
  const what = `'${json.name}'`;
  const content = toJson(toText(await readSlice(shard, json.start, json.size), what), what);
  const caption = (content as { caption?: unknown } | null)?.caption;
  if (caption === undefined) throw badRecord(`${what} has no 'caption'. Add it, or a .txt.`);
  return caption;
}
