/** Images of the prompt. The last one is edited, and may have a mask. */
import { signal } from '@preact/signals';
import { isEmptyMask, type MaskBitmap } from '../mask/mask-bitmap.js';
import { settingsOfPng } from '../png/settings-in-png.js';
import { readableImage } from './image-file.js';
import { notify } from './notices.js';
import { recallSettings } from './recall-settings.js';

/** An image of the prompt. */
export interface Attachment {
  readonly id: number;
  readonly file: Blob;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Pixels to generate anew. */
  readonly mask?: MaskBitmap;
}

/** The images, in the order of the prompt. */
export const attachments = signal<readonly Attachment[]>([]);

let nextId = 1;

/** Adds files that were dropped, pasted or chosen; a PNG of ours brings its settings back instead. */
export async function takeFiles(files: readonly File[]): Promise<void> {
  for (const file of files) {
    const found = settingsOfPng(new Uint8Array(await file.arrayBuffer()));
    if (found === undefined) await attach(file, file.name);
    else {
      recallSettings(found);
      notify('The settings of this image are back.', {
        label: 'Use it as input instead',
        run: () => void attach(file, file.name),
      });
    }
  }
}

/** Adds an image to the prompt. */
export async function attach(file: Blob, name: string): Promise<void> {
  try {
    const { image, width, height } = await readableImage(file);
    attachments.value = [...attachments.value, { id: nextId++, file: image, name, width, height }];
  } catch {
    notify(`${name || 'The file'} is no image that this browser reads.`);
  }
}

/** Removes an image from the prompt. */
export function detach(id: number): void {
  attachments.value = attachments.value.filter((attachment) => attachment.id !== id);
}

/** Gives an image a mask; one without pixels is none. */
export function setMask(id: number, mask: MaskBitmap): void {
  attachments.value = attachments.value.map((attachment) =>
    attachment.id === id ? { ...attachment, mask: isEmptyMask(mask) ? undefined : mask } : attachment,
  );
}
