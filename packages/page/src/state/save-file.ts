/** Downloads. */
import { withSettings } from '../png/settings-in-png.js';
import type { Reply } from './reply.js';

const extensions: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'image/jpeg': 'jpg',
  'image/svg+xml': 'svg',
  'text/plain': 'txt',
};

/** Downloads a file of a reply; a PNG holds the settings that it was made with. */
export async function saveFile(file: Blob, { settings }: Reply, item: number): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const whole = new Blob([withSettings(bytes, settings)], { type: file.type });
  const url = URL.createObjectURL(whole);
  const link = Object.assign(document.createElement('a'), {
    href: url,
    download: `${fileName(settings.prompt)}-${settings.seed}-${item}.${extensionOf(file.type)}`,
  });
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function fileName(prompt: string): string {
  const words = prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return words.slice(0, 40) || 'transfusion';
}

function extensionOf(mediaType: string): string {
  const [essence] = mediaType.split(';');
  return extensions[essence] ?? /\/([a-z0-9]{1,5})$/.exec(essence)?.[1] ?? 'bin';
}
