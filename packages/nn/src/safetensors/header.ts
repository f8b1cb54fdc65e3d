/**
 * The header of a safetensors file: an 8-byte length (little-endian), followed by JSON with each tensor's
 * element type, shape and byte offsets. Offsets are relative to the end of the header, and the tensors fill
 * the rest of the file without gaps.
 */
import { TransfusionError } from '@transfusion/errors';
import { jsonKeys } from './json-keys.js';
import {
  SAFETENSORS_DTYPES,
  UNREADABLE_DTYPES,
  type SafetensorsDtype,
  type StoredDtype,
  type StoredTensorInfo,
} from './stored-tensor.js';

/** Size of the header's length field. */
export const LENGTH_BYTES = 8;
/** Maximum header length, as in the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000;

/** A tensor and its byte range in the file: [begin, end). */
export interface HeaderEntry extends StoredTensorInfo {
  readonly begin: number;
  readonly end: number;
}

/** Content of a header. */
export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, HeaderEntry>;
}

/** A tensor to write to a file. */
export interface TensorLayout {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  readonly storedAs?: SafetensorsDtype;
}

const STORED_AS = { float32: 'F32', int32: 'I32', uint8: 'U8', bool: 'BOOL' } as const satisfies Record<
  StoredDtype,
  SafetensorsDtype
>;
const DTYPE_ORDER = Object.keys(SAFETENSORS_DTYPES);
/** Types of a later version of the format look like this too. */
const DTYPE_NAME = /^[A-Z][A-Z0-9_]{0,31}$/;

/**
 * Encodes the header of a file and returns the order in which its tensors follow: by element type, widest
 * first, then by name, so that equal content gives equal bytes and each tensor is aligned to its element
 * size.
 */
export function encodeHeader<Tensor extends TensorLayout>(
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>>,
): { bytes: Buffer; ordered: readonly Tensor[] } {
  const typeOf = ({ dtype, storedAs = STORED_AS[dtype] }: Tensor): SafetensorsDtype => storedAs;
  const rank = (tensor: Tensor): number => DTYPE_ORDER.indexOf(typeOf(tensor));
  const ordered = [...tensors].sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
  const entries: [string, unknown][] = [];
  const keys = Object.keys(metadata).sort(compareNames);
  if (keys.length > 0) {
    entries.push(['__metadata__', Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  }
  let end = 0;
  for (const tensor of ordered) {
    const { name, shape } = tensor;
    const begin = end;
    end += byteSize(typeOf(tensor), shape);
    entries.push([name, { dtype: typeOf(tensor), shape, data_offsets: [begin, end] }]);
  }
  // Serialized pair by pair: an object would put integer-like names first.
  const pairs = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = Buffer.from(`{${pairs.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(LENGTH_BYTES + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  json.copy(bytes, LENGTH_BYTES);
  return { bytes, ordered };
}

/**
 * Parses the length of the JSON from the file's first bytes.
 *
 * @throws TransfusionError `invalid-file` for a length that is impossible in a file of `fileSize` bytes
 */
export function parseHeaderLength(bytes: Buffer, fileSize: number, path: string): number {
  if (bytes.length < LENGTH_BYTES) {
    throw malformed(
      path,
      bytes.length,
      `the file ends inside the header's length, which takes ${LENGTH_BYTES}`,
    );
  }
  const length = bytes.readBigUInt64LE();
  if (length > MAX_HEADER_BYTES) {
    throw malformed(path, 0, `the header's length is ${length}, expected at most ${MAX_HEADER_BYTES}`);
  }
  if (LENGTH_BYTES + Number(length) > fileSize) {
    throw malformed(path, 0, `the header's length is ${length}, but the file has ${fileSize} bytes`);
  }
  return Number(length);
}

/**
 * Parses and validates the JSON of a header.
 *
 * @throws TransfusionError `invalid-file` with the byte position of the problem
 */
export function parseHeader(json: Uint8Array, fileSize: number, path: string): Header {
  const { text, value } = parseJson(json, path);
  const byteAt = (index: number): number => LENGTH_BYTES + Buffer.byteLength(text.slice(0, index));
  const dataStart = LENGTH_BYTES + json.length;

  let metadata: Header['metadata'] = {};
  const tensors = new Map<string, HeaderEntry>();
  for (const { key, index, depth, isRepeated } of jsonKeys(text)) {
    if (isRepeated) throw malformed(path, byteAt(index), `the name '${key}' occurs twice`);
    if (depth !== 1) continue;
    const fail = (reason: string): TransfusionError => malformed(path, byteAt(index), `'${key}' ${reason}`);
    if (key === '__metadata__') metadata = checkMetadata(value[key], fail);
    else tensors.set(key, checkEntry(value[key], dataStart, fail));
  }

  let last = { name: 'the header', end: dataStart };
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of inOrder) {
    if (begin !== last.end) {
      const problem = begin < last.end ? 'overlap' : 'leave a gap';
      throw malformed(path, begin, `'${last.name}' and '${name}' ${problem}: ${last.end} to ${begin}`);
    }
    last = { name, end };
  }
  if (last.end !== fileSize) {
    throw malformed(path, fileSize, `the file ends here, but its tensors end at ${last.end}`);
  }
  return { metadata, tensors };
}

/** Creates the error for a malformed file, with the byte position of the problem. */
export function malformed(path: string, byte: number, reason: string): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}: at byte ${byte}: ${reason}. The file is damaged, or not a safetensors file.`,
  );
}

/** Makes the error for a tensor of a sound file that cannot be held; `problem` says what is wrong, and what to do. */
export function unreadable(path: string, name: string, problem: string): TransfusionError {
  return new TransfusionError(
    'invalid-file',
    `${path}: '${name}' ${problem}. The other tensors of the file can be read.`,
  );
}

/** Computes the number of bytes of a tensor. */
export function byteSize(storedAs: SafetensorsDtype, shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, SAFETENSORS_DTYPES[storedAs].bytes);
}

function parseJson(json: Uint8Array, path: string): { text: string; value: Record<string, unknown> } {
  if (json[0] !== '{'.charCodeAt(0)) throw malformed(path, LENGTH_BYTES, 'the header does not start with {');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(json);
    return { text, value: JSON.parse(text) as Record<string, unknown> };
  } catch (error) {
    throw malformed(path, LENGTH_BYTES, `the header is not valid JSON (${(error as Error).message})`);
  }
}

/** `null` is no metadata, as for the reference implementation. */
function checkMetadata(value: unknown, fail: (reason: string) => TransfusionError): Header['metadata'] {
  if (value === null) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw fail('is not an object of strings');
  }
  return value as Record<string, string>;
}

function checkEntry(
  value: unknown,
  dataStart: number,
  fail: (reason: string) => TransfusionError,
): HeaderEntry {
  if (!isRecord(value)) throw fail('is not an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !DTYPE_NAME.test(dtype)) {
    throw fail(`has dtype ${JSON.stringify(dtype)}, expected one of ${DTYPE_ORDER.join(', ')}`);
  }
  if (!isListOfSizes(shape)) throw fail(`has shape ${JSON.stringify(shape)}, expected non-negative integers`);
  if (!isListOfSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw fail(`has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`);
  }
  const [begin, end] = offsets;
  const expected = isReadableDtype(dtype) ? byteSize(dtype, shape) : unreadableByteSize(dtype, shape);
  if (expected !== undefined && end - begin !== expected) {
    throw fail(`takes ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] takes ${expected}`);
  }
  const readAs = isReadableDtype(dtype) ? SAFETENSORS_DTYPES[dtype].dtype : undefined;
  return { shape, dtype: readAs, storedAs: dtype, begin: dataStart + begin, end: dataStart + end };
}

/** Undefined for types of which nothing is known. */
function unreadableByteSize(dtype: string, shape: readonly number[]): number | undefined {
  const bits = Object.hasOwn(UNREADABLE_DTYPES, dtype) ? UNREADABLE_DTYPES[dtype] : undefined;
  return bits === undefined ? undefined : shape.reduce((product, length) => product * length, bits) / 8;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns true for the types that can be read. */
export function isReadableDtype(value: string): value is SafetensorsDtype {
  return Object.hasOwn(SAFETENSORS_DTYPES, value);
}

function isListOfSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

/**
 * Compares UTF-8 bytes, as the reference implementation does: JavaScript's string order differs beyond
 * U+FFFF.
 */
function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
