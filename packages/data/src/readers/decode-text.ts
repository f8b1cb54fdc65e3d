import { badRecord } from './record-errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes UTF-8, without its byte order mark. @throws TransfusionError `invalid-record`, calling the text `name` */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw badRecord(`${name} is not UTF-8 text. Convert it to UTF-8.`, cause);
  }
}

/**
 * Parses JSON. `NaN` and `Infinity`, which Python writes for numbers that are missing, count as null.
 *
 * @throws TransfusionError `invalid-record`, calling the text `name`
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const value = parsePythonJson(text);
    if (value !== undefined) return value;
    // V8 appends an excerpt of the input after ', '; without it, `checkSource` can group equal errors.
    throw badRecord(`${name} is not JSON: ${(cause as Error).message.split(', ')[0]}.`, cause);
  }
}

/** A string (one that is cut off, too: else each quote in it would be tried to the end), or a number that JSON lacks. */
const STRING_OR_NOT_FINITE = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g;

function parsePythonJson(text: string): unknown {
  if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  try {
    return JSON.parse(text.replace(STRING_OR_NOT_FINITE, (part) => (part[0] === '"' ? part : 'null')));
  } catch {
    return undefined;
  }
}
