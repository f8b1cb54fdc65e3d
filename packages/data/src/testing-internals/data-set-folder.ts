import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Document } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import type { DocumentSource } from '../document-source.js';
import type { FileModality } from '../readers/file-modality.js';

/** Creates a folder with files, which is removed after the tests of the file. */
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

/** Returns the path of a file in `src/golden`. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
}

/** Reads all records: their documents, or error messages. */
export async function readAll(source: DocumentSource, seed = 1): Promise<(Document | string)[]> {
  const rng = createRng(seed);
  return Promise.all(
    Array.from({ length: source.length }, (_, i) =>
      source.read(i, rng.fork(i)).catch((error: Error) => error.message),
    ),
  );
}

/** A toy image modality: values are the file's bytes as text; those that begin with `broken` cannot be decoded. */
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

/** A toy audio modality, likewise. */
export const toyAudio: FileModality = {
  name: 'audio',
  media: { extensions: ['.wav'], decode: toyImage.media!.decode },
};

/** Returns a document of a caption and an image. */
export function pair(caption: string, image: unknown): Document {
  return {
    segments: [
      { modality: 'text', value: caption },
      { modality: 'image', value: image },
    ],
  };
}
