/**
 * Counter-based random numbers, so that independent streams do not depend on the order of use: Threefry-2x32
 * with 20 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3") maps a key
 * and a counter to 64 random bits. The state of a stream is its key and position, three integers. A fork has
 * a new key, so it neither reads nor advances its parent.
 */
import { TransfusionError } from '@transfusion/errors';

/** State of a stream, as plain data for checkpoints. */
export interface RngState {
  /** Two unsigned 32-bit integers. */
  readonly key: readonly [number, number];
  /** Number of 32-bit words read so far. */
  readonly position: number;
}

/** A stream of random numbers. Equal states give equal numbers on every machine. */
export interface Rng {
  /** Returns the next word, 0 to 2³² - 1. */
  uint32(): number;
  /** Samples an integer from 0 to `bound` - 1, uniformly. @throws for a bound outside 1 … 2³² */
  integer(bound: number): number;
  /** Samples one value in [0, 1), a multiple of 2⁻³². */
  uniform(): number;
  /** Samples `count` values in [0, 1), multiples of 2⁻²⁴, so that float32 holds them exactly. */
  uniforms(count: number): Float32Array;
  /** Samples `count` values of the standard normal distribution (Box & Muller 1958). */
  normals(count: number): Float32Array;
  /** Returns the integers from 0 to `length` - 1 in random order (Fisher & Yates). */
  permutation(length: number): Uint32Array;
  /**
   * Creates an independent stream. It depends only on this stream's key and the label, not on this stream's
   * position, and does not advance it.
   */
  fork(label: string | number): Rng;
  /** Returns the state that {@link createRng} continues from. */
  state(): RngState;
}

/**
 * Creates a stream from a seed (a non-negative integer below 2⁵³), or continues one from a saved state.
 *
 * @throws TransfusionError `invalid-argument` for anything else
 */
export function createRng(seedOrState: number | RngState): Rng {
  const { key, position } = typeof seedOrState === 'number' ? stateFromSeed(seedOrState) : seedOrState;
  if (!isWord(key?.[0]) || !isWord(key?.[1]) || !Number.isSafeInteger(position) || position < 0) {
    throw new TransfusionError(
      'invalid-argument',
      `createRng: expected { key: [uint32, uint32], position: a non-negative integer }, found ${JSON.stringify(seedOrState)}.`,
    );
  }
  return new ThreefryRng(key[0], key[1], position);
}

/** A class, so that a fork, of which often one number is read, is one object. */
class ThreefryRng implements Rng {
  /**
   * Words of the blocks around `position`. Blocks are generated in batches, since one by one the calls cost as much as the
   * cipher; but the first by itself, since of many streams no more is read.
   */
  private words = new Uint32Array();
  private offset = 0;

  constructor(
    private readonly key0: number,
    private readonly key1: number,
    private position: number,
  ) {}

  uint32(): number {
    if (this.offset === this.words.length) this.refill();
    this.position++;
    return this.words[this.offset++];
  }

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new TransfusionError('invalid-argument', `integer: the bound is ${bound}, expected 1 to 2^32.`);
    }
    // Rejects the top words, which would make small results more likely.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }

  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  uniforms(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = (this.uint32() >>> 8) / 2 ** 24;
    return values;
  }

  normals(count: number): Float32Array {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / 2 ** 32));
      const angle = 2 * Math.PI * this.uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  }

  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, index) => index);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  fork(label: string | number): Rng {
    const [key0, key1] = deriveKey(this.key0, this.key1, label);
    return new ThreefryRng(key0, key1, 0);
  }

  state(): RngState {
    return { key: [this.key0, this.key1], position: this.position };
  }

  private refill(): void {
    const { words } = this;
    if (words.length < BUFFERED_WORDS) this.words = new Uint32Array(words.length === 0 ? 2 : BUFFERED_WORDS);
    this.offset = this.position % this.words.length;
    const firstBlock = (this.position - this.offset) / 2;
    for (let i = 0; i < this.words.length; i += 2) {
      const block = firstBlock + i / 2;
      threefry2x32(this.key0, this.key1, block >>> 0, Math.floor(block / 2 ** 32), this.words, i);
    }
  }
}

/**
 * Encrypts the counter (c0, c1) with the key (k0, k1) into two words of `out`: Threefry-2x32-20. Exported so
 * that it can be checked against other implementations (Random123, JAX).
 */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number, out: Uint32Array, at = 0): void {
  // The three words of the key schedule, rotated between rounds.
  let ka = k0 | 0;
  let kb = k1 | 0;
  let kc = k0 ^ k1 ^ 0x1bd11bda;
  let a = (c0 + ka) | 0;
  let b = (c1 + kb) | 0;
  for (let injection = 1; ; injection += 2) {
    a = (a + b) | 0;
    b = rotate(b, 13) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 15) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 26) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 6) ^ a;
    a = (a + kb) | 0;
    b = (b + kc + injection) | 0;
    if (injection === 5) break;
    a = (a + b) | 0;
    b = rotate(b, 17) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 29) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 16) ^ a;
    a = (a + b) | 0;
    b = rotate(b, 24) ^ a;
    a = (a + kc) | 0;
    b = (b + ka + injection + 1) | 0;
    const rotated = kc;
    kc = kb;
    kb = ka;
    ka = rotated;
  }
  out[at] = a;
  out[at + 1] = b;
}

const BUFFERED_WORDS = 64;

function rotate(word: number, distance: number): number {
  return (word << distance) | (word >>> (32 - distance));
}

function stateFromSeed(seed: number): RngState {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new TransfusionError(
      'invalid-argument',
      `createRng: the seed is ${seed}, expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}.`,
    );
  }
  return { key: [seed >>> 0, Math.floor(seed / 2 ** 32)], position: 0 };
}

function isWord(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

/** Derives the key of a fork, with counters that no stream uses: c1 has its top bit set. */
function deriveKey(key0: number, key1: number, label: string | number): [number, number] {
  const out = new Uint32Array(2);
  let [k0, k1] = [key0, key1];
  const text = String(label);
  // One block for each character and one for length and type, each keyed by the previous one.
  for (let i = 0; i < text.length; i++) {
    threefry2x32(k0, k1, text.charCodeAt(i), 0x80000000, out);
    k0 = out[0];
    k1 = out[1];
  }
  threefry2x32(k0, k1, text.length, typeof label === 'number' ? 0x80000002 : 0x80000001, out);
  return [out[0], out[1]];
}
