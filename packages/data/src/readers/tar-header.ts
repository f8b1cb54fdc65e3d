/** Headers of tar archives: ustar (POSIX.1-1988), pax (POSIX.1-2001) and GNU. */

/** Size of a tar block in bytes. */
export const TAR_BLOCK = 512;

/** A member's header. */
export interface TarHeader {
  readonly name: string;
  /** Bytes of data after the header. */
  readonly size: number;
  /** `0` for a file; `L` and `x` hold a long name, or other fields, of the next member. */
  readonly type: string;
}

/** Parses a block; undefined if its checksum is not that of a header. */
export function parseTarHeader(block: Uint8Array): TarHeader | undefined {
  if (numberAt(block, 148, 8) !== checksum(block)) return undefined;
  const size = numberAt(block, 124, 12);
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const isPosix = textAt(block, 257, 6) === 'ustar';
  const prefix = isPosix ? textAt(block, 345, 155) : '';
  const name = textAt(block, 0, 100);
  // Archives from before ustar have a NUL where others have '0'.
  const type = textAt(block, 156, 1) || '0';
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type };
}

/**
 * Parses the fields of a pax header's data: lines of `length key=value`, the length in bytes, itself included; undefined
 * if they are not of this form.
 */
export function parsePaxFields(data: Uint8Array): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  let start = 0;
  while (start < data.length) {
    const space = data.indexOf(0x20, start);
    const length = parseCount(utf8.decode(data.subarray(start, Math.max(space, start))));
    // Some writers fill the block with NUL.
    if (data[start] === 0) break;
    if (length === undefined || start + length > data.length || start + length <= space) return undefined;
    const [field, key, value] =
      /^([^=]*)=([^]*)\n$/.exec(utf8.decode(data.subarray(space + 1, start + length))) ?? [];
    if (field === undefined) return undefined;
    fields.set(key, value);
    start += length;
  }
  return fields;
}

/** Parses a decimal count; undefined for anything else, such as a negative one. */
export function parseCount(text: string): number | undefined {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}

const utf8 = new TextDecoder();

/** Decodes text up to the first NUL. */
export function textAt(block: Uint8Array, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return utf8.decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits; or, with the highest bit set, GNU's big-endian binary number for what octal cannot hold. */
function numberAt(block: Uint8Array, start: number, length: number): number {
  if ((block[start] & 0x80) === 0) {
    const digits = textAt(block, start, length).trim();
    return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : NaN;
  }
  return block
    .subarray(start + 1, start + length)
    .reduce((value, byte) => value * 256 + byte, block[start] & 0x7f);
}

/** The sum of the header's bytes, with spaces in place of the checksum itself. */
function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
