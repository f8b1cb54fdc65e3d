/** Files within JSON: base64, and data URIs. */
import { invalidRequest } from './api-error.js';

/** A file's bytes and media type. */
export interface InlineFile {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/**
 * Decodes base64.
 *
 * @param param the field in messages
 * @throws ApiError 400 if the text is empty or not base64
 */
export function decodeBase64(text: string, param: string): Uint8Array {
  // Node skips what is not base64; only the length shows it.
  const bytes = Buffer.from(text, 'base64');
  const digits = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  if (bytes.length === 0 || bytes.length !== Math.floor((digits * 3) / 4) || text.length % 4 === 1) {
    throw invalidRequest(
      `${param}: found ${text.length} characters that are not base64, expected a base64-encoded file. Encode the file's bytes.`,
      param,
    );
  }
  return bytes;
}

/**
 * Decodes a data URI of an image.
 *
 * @param param the field in messages
 * @throws ApiError 400 for links and paths, which are never followed, for another media type, and for broken base64
 */
export function decodeImageUri(uri: string, param: string): InlineFile {
  const header = /^data:([a-z]+\/[a-z0-9.+-]+);base64,/i.exec(uri.slice(0, 200));
  if (header === null) {
    const found = /^data:/i.test(uri) ? 'a data URI without media type or base64' : 'a link or a path';
    throw invalidRequest(
      `${param}: found ${found}, expected data:image/png;base64,... The server follows no links and reads no files: ` +
        "send the file's bytes in the request.",
      param,
    );
  }
  const mediaType = header[1].toLowerCase();
  if (!mediaType.startsWith('image/')) {
    throw invalidRequest(
      `${param}: found a file of type ${mediaType}, expected image/*. Send an image.`,
      param,
    );
  }
  return { mediaType, bytes: decodeBase64(uri.slice(header[0].length), param) };
}

/** Encodes a file as a data URI. */
export function encodeDataUri({ mediaType, bytes }: InlineFile): string {
  return `data:${mediaType};base64,${encodeBase64(bytes)}`;
}

/** Encodes bytes as base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
