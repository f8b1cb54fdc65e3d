/** Settings inside PNG files: an `iTXt` chunk of our keyword, with JSON. */
import { settingsFrom, type Settings } from '../state/settings.js';
import { isPng, readChunks, writeChunks, type PngChunk } from './png-chunks.js';

const KEYWORD = 'transfusion';

/** Most bytes of a chunk that are read. */
const MAX_SIZE = 2 ** 20;

/** Returns the file with settings in it, instead of those it may have; anything but a whole PNG as it is. */
export function withSettings(bytes: Uint8Array<ArrayBuffer>, settings: Settings): Uint8Array<ArrayBuffer> {
  const chunks = readChunks(bytes);
  if (chunks.at(-1)?.type !== 'IEND') return bytes;
  const others = chunks.filter((chunk) => textOf(chunk) === undefined);
  // After the header, where readers that stop at the image data still find it.
  return writeChunks([others[0], textChunk(JSON.stringify(settings)), ...others.slice(1)]);
}

/** Returns the settings in a file; undefined if there are none that can be read. */
export function settingsOfPng(bytes: Uint8Array): Settings | undefined {
  if (!isPng(bytes)) return undefined;
  for (const chunk of readChunks(bytes)) {
    const text = textOf(chunk);
    if (text === undefined) continue;
    try {
      return settingsFrom(JSON.parse(text));
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function textChunk(text: string): PngChunk {
  // Keyword, end; not compressed; no language, no translated keyword.
  const head = [...KEYWORD].map((letter) => letter.charCodeAt(0));
  const data = Uint8Array.from([...head, 0, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
  return { type: 'iTXt', data };
}

/** Returns the text of a chunk of ours. */
function textOf({ type, data }: PngChunk): string | undefined {
  const start = KEYWORD.length + 5;
  if (type !== 'iTXt' || data.length < start || data.length > MAX_SIZE) return undefined;
  const isOurs = [...KEYWORD].every((letter, i) => data[i] === letter.charCodeAt(0));
  const isPlain = data.subarray(KEYWORD.length, start).every((byte) => byte === 0);
  return isOurs && isPlain ? new TextDecoder().decode(data.subarray(start)) : undefined;
}
