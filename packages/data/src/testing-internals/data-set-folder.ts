import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Document } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import type { FileModality } from '../readers/file-modality.js';

/** A folder with these files, removed after the tests of the file. */
export function dataSetFolder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'transfusion-data-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

/** A file of `src/golden`. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
}

/** Each record's document, or its error's message. */
export async function readAll(source: DocumentSource, seed = 1): Promise<(Document | string)[]> {
  const rng = createRng(seed);
  return Promise.all(
    Array.from({ length: source.length }, (_, i) =>
      source.read(i, rng.fork(i)).catch((error: Error) => error.message),
    ),
  );
}

/** Stands for a modality of images: values are the bytes as text; `broken` ones cannot be read. */
export const toyImage: FileModality = {
  name: 'image',
  media: {
    extensions: ['.png', '.jpg', '.jpeg', '.webp'],
    decode: async (bytes) => {
      const text = new TextDecoder().decode(bytes);
      if (text.startsWith('broken')) throw new Error('no image');
      return text;
    },
  },
};

/** Stands for a modality of sounds, likewise. */
export const toyAudio: FileModality = {
  name: 'audio',
  media: { extensions: ['.wav'], decode: toyImage.media!.decode },
};

/** The document of a caption and an image. */
export function pair(caption: string, image: unknown): Document {
  return {
    segments: [
      { modality: 'text', value: caption },
      { modality: 'image', value: image },
    ],
  };
}
