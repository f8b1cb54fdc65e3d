import type { Reply } from './reply.js';
import { attachments } from './attachments.js';
import { model } from './connection.js';

/** Returns the size that an image of a reply will have, before it is there: asked for, of the edited image, or the model's first. */
export function expectedSize({ settings, numImages }: Reply): readonly [width: number, height: number] {
  const input = numImages > 0 && settings.mode === 'image' ? attachments.value.at(-1) : undefined;
  if (settings.size === undefined && input !== undefined) return [input.width, input.height];
  const [width, height] = (settings.size ?? model.value?.imageSizes?.[0] ?? '1x1').split('x').map(Number);
  return [width, height];
}
