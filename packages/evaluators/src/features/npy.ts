/** Arrays in NumPy's `.npy` format, version 1 to 3: a header with the element type and shape, then the elements. */
import { TransfusionError } from '@transfusion/errors';

/** An array of numbers, in row-major order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const MAGIC = '\x93NUMPY';
const READERS: Readonly<Record<string, readonly [bytes: number, method: 'getFloat32' | 'getFloat64']>> = {
  f4: [4, 'getFloat32'],
  f8: [8, 'getFloat64'],
};

/**
 * Parses an array of float32 or float64.
 *
 * @param where its name in errors
 * @throws TransfusionError `invalid-file` for other bytes
 */
export function parseNpy(bytes: Uint8Array, where: string): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || latin1(bytes.subarray(0, 6)) !== MAGIC) throw invalid(where, 'no NumPy array');
  const isLong = bytes[6] > 1;
  const start = isLong ? 12 : 10;
  const end = start + (isLong ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = latin1(bytes.subarray(start, end));
  const [, order, kind] = /'descr':\s*'([<>|=])(\w+)'/.exec(header) ?? [];
  const [, axes] = /'shape':\s*\(([^)]*)\)/.exec(header) ?? [];
  const reader = READERS[kind];
  if (reader === undefined || axes === undefined) {
    throw invalid(where, `elements of type ${kind ?? 'unknown'}, expected float32 or float64`);
  }
  if (/'fortran_order':\s*True/.test(header))
    throw invalid(where, 'columns in sequence, expected rows (C order)');
  const shape = axes
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  const size = shape.reduce((product, length) => product * length, 1);
  const [width, method] = reader;
  if (bytes.length !== end + size * width) {
    throw invalid(where, `${bytes.length - end} bytes of elements, expected ${size * width}`);
  }
  const isLittle = order !== '>';
  const data = Float64Array.from({ length: size }, (_, i) => view[method](end + i * width, isLittle));
  return { shape, data };
}

/** Formats an array of float64. */
export function formatNpy({ shape, data }: NpyArray): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': (${axes}), }`;
  // Elements begin at a multiple of 64 bytes.
  const header = `${text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.length * 8);
  const view = new DataView(bytes.buffer);
  [...MAGIC].forEach((character, i) => (bytes[i] = character.charCodeAt(0)));
  bytes[6] = 1;
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  data.forEach((value, i) => view.setFloat64(10 + header.length + i * 8, value, true));
  return bytes;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function invalid(where: string, problem: string): TransfusionError {
  return new TransfusionError('invalid-file', `${where}: found ${problem}. Write it with numpy.savez.`);
}
