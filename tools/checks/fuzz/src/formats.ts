import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@transfusion/tfjs';
import {
  cocoCaptions,
  jsonlDocuments,
  openDocuments,
  parquetDocuments,
  webDataset,
  type DocumentSource,
} from '@transfusion/data';
import {
  createAutoencoder,
  decodeImage,
  readAutoencoder,
  writeAutoencoder,
} from '@transfusion/modality-image';
import { loadTokenizer } from '@transfusion/modality-text';
import { createRng, decodeParams, disposeParams, readSafetensors } from '@transfusion/nn';
import sharp from 'sharp';
import type { Format } from './format.js';
import { mutateBytes, mutateJson } from './mutate.js';
import type { Random } from './random.js';

const packages = new URL('../../../../packages/', import.meta.url);
const golden = (path: string): Buffer => readFileSync(new URL(path, packages));

const text = { name: 'text', accepts: (value: unknown) => typeof value === 'string' };
/** Reads the files of the golden archives and tables, whatever they are. */
const image = {
  name: 'image',
  media: { extensions: ['.png', '.gif', '.jpg'], decode: async (bytes: Uint8Array) => bytes.length },
};
const modalities = [text, image];

/** Reads all records, and returns their errors. */
async function errorsOf(source: DocumentSource): Promise<readonly unknown[]> {
  await source.dataHash?.();
  const errors: unknown[] = [];
  for (let i = 0; i < Math.min(source.length, 200); i++) {
    await source.read(i, createRng(i)).catch((error: unknown) => errors.push(error));
  }
  return errors;
}

const tars = ['ustar', 'pax', 'gnu', 'json-nan'].map((name) => golden(`data/src/golden/${name}.tar`));
const tar: Format = {
  name: 'tar',
  extension: '.tar',
  make: (random) => {
    const damaged = mutateBytes(random.pick(tars), random);
    return random.next() < 0.7 ? withChecksums(damaged) : damaged;
  },
  read: async (path) => [
    ...(await errorsOf(await webDataset([path], { modality: image }))),
    ...(await errorsOf(await openDocuments(path, modalities))),
  ],
};

/** Mends the checksums of all headers, so that what else is wrong shows. */
function withChecksums(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    bytes.write('        ', at + 148);
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
  }
  return bytes;
}

const tables = [
  ['lists-of-images', { image: 'images', text: 'texts' }],
  ['plain-bytes-zstd', { image: 'jpg', text: 'captions' }],
  ['image-struct-snappy', { text: 'text', image: 'image' }],
] as const;
const parquet: Format = {
  name: 'parquet',
  extension: '.parquet',
  make: (random) => {
    const bytes = golden(`data/src/golden/${random.pick(tables)[0]}.parquet`);
    // The footer, where the counts are, as likely as the rest.
    if (random.next() < 0.5) return mutateBytes(bytes, random);
    const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    const footer = mutateBytes(bytes.subarray(start, -8), random);
    const end = Buffer.from(bytes.subarray(-8));
    end.writeUInt32LE(footer.length);
    return Buffer.concat([bytes.subarray(0, start), footer, end]);
  },
  read: async (path, bytes) => {
    const [, columns] = tables.find(([, names]) => bytes.includes(names.text)) ?? tables[2];
    return errorsOf(await parquetDocuments([path], { columns, modalities }));
  },
};

const like = { w: tf.zeros([2, 3]), b: tf.zeros([3]) };
const safetensors: Format = {
  name: 'safetensors',
  extension: '.safetensors',
  make: (random) =>
    mutateBytes(golden(`nn/src/golden/${random.pick(['python', 'python-narrow'])}.safetensors`), random),
  read: async (path, bytes) => {
    const file = await readSafetensors(path);
    const errors: unknown[] = [];
    for (const name of file.tensors.keys())
      await file.read(name).catch((error: unknown) => errors.push(error));
    await file.close();
    await decodeParams(like, bytes, path).then(disposeParams, (error: unknown) => errors.push(error));
    return errors;
  },
};

const kinds = [
  'gpt2',
  'llama2',
  'llama3',
  'kinds/single-word',
  'kinds/gemma3',
  'kinds/t5',
  'kinds/bert',
  'kinds/split-steps',
].map((name) =>
  JSON.stringify(
    (JSON.parse(golden(`modality-text/src/golden/${name}.json`).toString()) as { tokenizer: unknown })
      .tokenizer,
  ),
);
const PATTERNS = [
  '(a+)+$',
  '(a|a)*$',
  'a*a*a*a*a*b',
  '[',
  '(?<n>x',
  '\\p{Nope}',
  '(?:(?:a?){9}){9}$',
  '(?=a)*',
  '',
];
const tokenizer: Format = {
  name: 'tokenizer',
  extension: '.json',
  make: (random) => {
    const json = random.pick(kinds);
    if (random.next() < 0.9) return mutateJson(json, random);
    const step = {
      type: random.pick(['Replace', 'Split']),
      pattern: { Regex: random.pick(PATTERNS) },
      content: 'x',
      behavior: 'Isolated',
    };
    const field = step.type === 'Split' ? 'pre_tokenizer' : 'normalizer';
    return Buffer.from(JSON.stringify({ ...JSON.parse(json), [field]: step }));
  },
  read: async (path) => {
    const loaded = await loadTokenizer(path);
    const ids = loaded.encode('The boat <|end|> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! 船\n it\u0085s 123', {
      specialTokens: true,
    });
    loaded.decode(ids);
    loaded.encode('x</s>');
    return [];
  },
};

const config = { channels: [4, 8], latentChannels: 2, numBlocks: 1 };
const network = createAutoencoder(config);
const autoencoder: Format = {
  name: 'autoencoder',
  extension: '',
  make: (random) =>
    mutateJson(
      JSON.stringify({
        formatVersion: 1,
        config,
        statistics: { mean: [0, 0], stddev: [1, 1] },
        preview: {
          weights: [
            [0, 0, 1],
            [1, 0, 0],
          ],
          bias: [0, 0, 0],
        },
      }),
      random,
    ),
  read: async (path, bytes) => {
    const params = network.init(createRng(0));
    await writeAutoencoder(path, {
      autoencoder: network,
      params,
      statistics: { mean: [0, 0], stddev: [1, 1] },
    });
    disposeParams(params);
    writeFileSync(join(path, 'autoencoder.json'), bytes);
    disposeParams((await readAutoencoder(path)).params);
    return [];
  },
};

const DOCUMENTS = [
  '{"segments": [{"text": "A cat:"}, {"image": "a.png"}]}\n{"segments": [{"text": "x"}]}\n{"segments": [{"image": "b.png"}]}\n',
  '{"file_name": "a.png", "text": "a red square"}\n{"file_name": "b.png", "caption": ["x", null]}\n',
  '{"text": "one"}\n{"text": "two", "score": NaN}\n',
];
const jsonl: Format = {
  name: 'jsonl',
  extension: '.jsonl',
  make: (random) => {
    const lines = random.pick(DOCUMENTS).split('\n').slice(0, -1);
    if (random.next() < 0.5) return mutateBytes(Buffer.from(lines.join('\n')), random);
    const damaged = lines.map((line) =>
      line.includes('NaN') ? Buffer.from(line) : mutateJson(line, random),
    );
    return Buffer.concat(damaged.flatMap((line) => [line, Buffer.from('\n')]));
  },
  read: async (path) => [
    ...(await errorsOf(await jsonlDocuments(path, { modalities }))),
    ...(await errorsOf(await openDocuments(path, modalities))),
  ],
};

const coco: Format = {
  name: 'coco',
  extension: '.json',
  make: (random) =>
    mutateJson(
      '{"images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}], "annotations": [{"image_id": 1, "caption": "one"}, {"image_id": 2, "caption": "two"}]}',
      random,
    ),
  read: async (path) => errorsOf(await cocoCaptions(path, dirname(path), { modality: image })),
};

const csv: Format = {
  name: 'csv',
  extension: '.csv',
  make: (random) => mutateBytes(Buffer.from('file_name,text\n"a.png","x, ""y"""\nb.png,two\n'), random),
  read: async (path) => errorsOf(await openDocuments(path, modalities)),
};

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><defs><filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs><rect width="20" height="9" fill="red" filter="url(#f)"/><circle cx="9" cy="9" r="5"/></svg>';
const pixels = sharp(Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7) % 256)), {
  raw: { width: 10, height: 10, channels: 3 },
});
const images: Format = {
  name: 'images',
  extension: '.img',
  make: async (random: Random) => {
    const format = random.pick(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif', 'svg'] as const);
    const bytes = format === 'svg' ? Buffer.from(SVG) : await pixels.clone().toFormat(format).toBuffer();
    return mutateBytes(bytes, random);
  },
  read: async (_, bytes) => {
    await decodeImage(bytes);
    return [];
  },
};

/** All formats. */
export const FORMATS: readonly Format[] = [
  tar,
  parquet,
  safetensors,
  tokenizer,
  autoencoder,
  jsonl,
  coco,
  csv,
  images,
];

/** Puts the files that records name beside the damaged one. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['a.png', 'b.png']) writeFileSync(join(folder, name), name);
}
