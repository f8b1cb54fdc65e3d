/** The mask that is being painted. */
import { signal } from '@preact/signals';
import { attach, attachments } from './attachments.js';
import { changeSettings } from './current-settings.js';

/** Identifier of the attachment; undefined while no mask is painted. */
export const editedMaskId = signal<number | undefined>(undefined);

/** Makes an image the last of the prompt, and opens its mask. */
export async function paintMaskOf(file: Blob, name: string): Promise<void> {
  changeSettings({ mode: 'image' });
  if (attachments.value.at(-1)?.file !== file) await attach(file, name);
  editedMaskId.value = attachments.value.at(-1)?.id;
}
