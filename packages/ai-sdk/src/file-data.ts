/** Data of files as the AI SDK has it: bytes, base64, or a URL that holds them. */
import type { ImageModelV3File } from '@ai-sdk/provider';
import { unsupportedError } from './ai-sdk-errors.js';

/** A file's content. */
export interface FileData {
  /** Such as `image/png`. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),(.*)$/s;

/**
 * Reads a file.
 *
 * @param mediaType may be a pattern, such as `image/*`
 * @throws UnsupportedFunctionalityError for a URL that does not hold the data itself
 */
export function readFileData(data: Uint8Array | string | URL, mediaType: string): FileData {
  if (data instanceof Uint8Array) return { mediaType: concreteType(mediaType, data), bytes: data };
  const text = String(data);
  if (/^https?:/i.test(text) || (data instanceof URL && data.protocol !== 'data:')) {
    throw unsupportedError(
      `transfusion: found the URL ${text.slice(0, 200)}, expected the file itself, because models do not load addresses. ` +
        'Download it, and pass its bytes, base64 or a data: URL.',
      'file URLs',
    );
  }
  const [, type, parameters, content] = DATA_URL.exec(text) ?? [undefined, '', ';base64', text];
  const bytes = parameters.endsWith(';base64')
    ? fromBase64(content)
    : new TextEncoder().encode(decodeURIComponent(content));
  return { mediaType: concreteType(type === '' ? mediaType : type, bytes), bytes };
}

/** Reads a file of an image model's call. @throws UnsupportedFunctionalityError as {@link readFileData} */
export function readImageFile(file: ImageModelV3File): FileData {
  return file.type === 'url'
    ? readFileData(new URL(file.url), 'image/*')
    : readFileData(file.data, file.mediaType);
}

/** Returns a `data:` URL. */
export function dataUrl({ mediaType, bytes }: FileData): string {
  return `data:${mediaType};base64,${toBase64(bytes)}`;
}

/** Encodes bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  // Spreading all bytes into one call would overflow the stack.
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Decodes base64, or base64url. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
  } catch (cause) {
    throw Object.assign(
      unsupportedError(
        `transfusion: found '${text.slice(0, 40)}' as a file's data, expected base64. Pass bytes, base64 or a data: URL.`,
        'file data',
      ),
      { cause },
    );
  }
}

/** Returns OpenAI's name of an audio format: `mp3` for `audio/mpeg`. */
export function audioFormat(mediaType: string): string {
  const [, format] = /^audio\/(?:x-|vnd\.)?([^;\s]+)/.exec(mediaType) ?? ['', mediaType];
  return { mpeg: 'mp3', wave: 'wav' }[format] ?? format;
}

const SIGNATURES: readonly (readonly [mediaType: string, pattern: RegExp])[] = [
  ['image/png', /^\x89PNG/],
  ['image/jpeg', /^\xff\xd8/],
  ['image/gif', /^GIF8/],
  ['image/webp', /^RIFF.{4}WEBP/s],
  ['image/avif', /^.{4}ftypavif/s],
  ['audio/wav', /^RIFF.{4}WAVE/s],
  ['audio/mpeg', /^(?:ID3|\xff[\xe2-\xfb])/],
];

/** Replaces the patterns `image/*` and `audio/*` by the type that the first bytes tell. */
function concreteType(mediaType: string, bytes: Uint8Array): string {
  if (!/^(?:image|audio)(?:\/\*)?$/.test(mediaType)) return mediaType;
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  const kind = mediaType.split('/')[0];
  const found = SIGNATURES.find(([type, pattern]) => type.startsWith(`${kind}/`) && pattern.test(start));
  return found?.[0] ?? (kind === 'audio' ? 'audio/wav' : 'image/png');
}
