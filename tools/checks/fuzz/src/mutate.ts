/** Damage to files: bytes, numbers and structure. */
import type { Random } from './random.js';

const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const DIGITS = [
  '0',
  '-1',
  '-1536',
  '1e9',
  '99999999999',
  '2147483648',
  '1e999',
  '0.5',
  'NaN',
  '00',
  '77777777777',
];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e9,
  1e30,
  2 ** 53,
  '',
  'x\ny\u0000',
  '\ud800',
  '../../etc/passwd',
  [],
  {},
  [null],
  { type: 'BPE' },
];

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const changeBits: Mutation = (bytes, random) => {
  for (let i = 0; i <= random.integer(8) && bytes.length > 0; i++) {
    bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
  }
  return bytes;
};
const setNumber: Mutation = (bytes, random) => {
  if (bytes.length < 8) return bytes;
  const value = random.pick(NUMBERS);
  const at = random.integer(bytes.length - 7);
  if (random.next() < 0.5) bytes.writeUInt32LE(value, at);
  else bytes.writeUInt32BE(value, at);
  return bytes;
};
const cut: Mutation = (bytes, random) => bytes.subarray(0, random.integer(bytes.length + 1));
const remove: Mutation = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(64))]);
};
const repeat: Mutation = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  const piece = bytes.subarray(at, at + 1 + random.integer(512));
  return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)]);
};
const insert: Mutation = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  const noise = Buffer.from(Array.from({ length: 1 + random.integer(32) }, () => random.integer(256)));
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};
/** Puts another number for digits that stand in the file. */
const changeDigits: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1');
  const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
  if (numbers.length === 0) return bytes;
  const { 0: old, index } = random.pick(numbers);
  return Buffer.from(text.slice(0, index) + random.pick(DIGITS) + text.slice(index + old.length), 'latin1');
};

const BYTE_MUTATIONS = [changeBits, setNumber, cut, remove, repeat, insert, changeDigits];

/** Damages a file. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let damaged: Buffer = Buffer.from(bytes);
  for (let i = 0; i <= random.integer(3); i++) damaged = random.pick(BYTE_MUTATIONS)(damaged, random);
  return damaged;
}

/** Damages a JSON text: half the time its bytes, else its values. */
export function mutateJson(text: string, random: Random): Buffer {
  if (random.next() < 0.4) return mutateBytes(Buffer.from(text), random);
  let value: unknown = JSON.parse(text);
  for (let i = 0; i <= random.integer(3); i++) value = changeValue(value, random);
  return Buffer.from(JSON.stringify(value) ?? '');
}

/** Changes a value somewhere within, near the root as likely as deep. */
function changeValue(value: unknown, random: Random): unknown {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isInner || random.next() < 0.1) return random.next() < 0.1 ? nest(random) : random.pick(VALUES);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  const key = random.pick(Object.keys(copy));
  const choice = random.next();
  if (choice < 0.1) delete copy[key];
  else if (choice < 0.2) copy[`${key}x`] = copy[key];
  else if (choice < 0.3) copy[key] = copy[random.pick(Object.keys(copy))];
  else copy[key] = changeValue(copy[key], random);
  return copy;
}

function nest(random: Random): unknown {
  let value: unknown = {};
  for (let i = 0; i < 1 + random.integer(3000); i++) value = [value];
  return value;
}
