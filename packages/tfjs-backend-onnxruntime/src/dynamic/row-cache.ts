/**
 * Memory of sequences that grow, such as the keys and values of a transformer. Rows of equal capacity lie side
 * by side, so that neighbors are one tensor without a copy: what joins a batch is moved once, not at each step.
 */
import { TransfusionError } from '@transfusion/errors';

/** A sequence in a {@link RowCache}. */
export interface CacheRow {
  /** Number of positions that it has. */
  readonly length: number;
  /** Number of positions that it has room for. */
  readonly capacity: number;
}

/** Rows that lie side by side. */
export interface RowView {
  /** The rows, in the order in which they lie. */
  readonly rows: readonly CacheRow[];
  readonly capacity: number;
  /** The memory of the rows in each array: [rows, outer, capacity, inner]. */
  readonly arrays: readonly Float32Array[];
}

/** Content of a {@link RowCache}, and what it has copied so far. */
export interface RowCacheStats {
  readonly numRows: number;
  /** Memory of rows and of free places beside them. */
  readonly bytes: number;
  /** Memory that is kept for rows to come. */
  readonly spareBytes: number;
  /** Bytes that were copied: into rows, and to move them. */
  readonly bytesCopied: number;
}

/** Options of {@link RowCache}. */
export interface RowCacheOptions {
  /** Number of arrays: two for each layer. */
  readonly numArrays: number;
  /** Size of the axis before that of positions: the number of key-value heads. */
  readonly outer: number;
  /** Size of the axis after that of positions: the width of a head. */
  readonly inner: number;
  /** Capacity of a new row, of which all others are multiples. Defaults to 64. */
  readonly minCapacity?: number;
  /**
   * Maximum memory to keep for rows to come, in bytes, since new memory is several times slower to write than used one.
   * Defaults to 64 MiB.
   */
  readonly maxSpareBytes?: number;
}

interface MutableRow {
  length: number;
  capacity: number;
  slot: number;
}

/** Rows of one capacity. */
interface Pool {
  readonly capacity: number;
  /** The row in each slot. */
  slots: (MutableRow | undefined)[];
  arrays: Float32Array[];
}

/** The memory of any number of rows; see {@link RowView} for their form. */
export class RowCache {
  private readonly pools = new Map<number, Pool>();
  /** Pools without rows, the one that was left longest ago first. */
  private readonly spare = new Map<number, Pool>();
  private readonly minCapacity: number;
  private readonly maxSpareBytes: number;
  private bytesCopied = 0;

  constructor(private readonly options: RowCacheOptions) {
    this.minCapacity = options.minCapacity ?? 64;
    this.maxSpareBytes = options.maxSpareBytes ?? 2 ** 26;
  }

  /** Adds an empty row. */
  add(): CacheRow {
    const row: MutableRow = { length: 0, capacity: this.minCapacity, slot: -1 };
    this.place(row, this.pool(row.capacity));
    return row;
  }

  /** Removes a row; its memory is free at once. */
  remove(row: CacheRow): void {
    this.leave(this.poolOf(row), own(row).slot);
  }

  /** Makes room for more positions in each row, which moves those that have none. */
  reserve(rows: readonly CacheRow[], length: number): void {
    for (const row of rows) this.poolOf(row);
    const moving = rows.filter((row) => row.length + length > row.capacity);
    const capacities = moving.map((row) => this.capacityFor(row.length + length));
    for (const capacity of new Set(capacities)) {
      this.grow(this.pool(capacity), capacities.filter((other) => other === capacity).length);
    }
    moving.forEach((row, i) => this.move(own(row), capacities[i]));
  }

  /**
   * Counts positions that were written into a {@link RowView} right behind a row's end as its own.
   *
   * @param length at most what there is room for
   */
  extend(row: CacheRow, length: number): void {
    this.poolOf(row);
    if (row.length + length > row.capacity) {
      throw new TransfusionError(
        'invalid-argument',
        `RowCache: a row of ${row.length} positions with room for ${row.capacity} cannot grow by ${length}. ` +
          'Reserve room first.',
      );
    }
    own(row).length += length;
  }

  /**
   * Appends positions to a row, which moves it if it has no room for them.
   *
   * @param sources the positions, [outer, length, inner] for each array
   */
  append(row: CacheRow, sources: readonly Float32Array[], length: number): void {
    const { outer, inner } = this.options;
    const target = own(row);
    this.reserve([row], length);
    const { arrays, capacity } = this.pools.get(target.capacity)!;
    sources.forEach((source, a) => {
      for (let o = 0; o < outer; o++) {
        const to = ((target.slot * outer + o) * capacity + target.length) * inner;
        arrays[a].set(source.subarray(o * length * inner, (o + 1) * length * inner), to);
      }
    });
    target.length += length;
    this.bytesCopied += 4 * sources.length * outer * length * inner;
  }

  /** Returns a copy of some of a row's positions: [outer, length, inner] of each array. */
  read(row: CacheRow, start: number, length: number): Float32Array[] {
    const { outer, inner } = this.options;
    const { slot, capacity } = own(row);
    const { arrays } = this.poolOf(row);
    this.bytesCopied += 4 * arrays.length * outer * length * inner;
    return arrays.map((array) => {
      const result = new Float32Array(outer * length * inner);
      for (let o = 0; o < outer; o++) {
        const from = ((slot * outer + o) * capacity + start) * inner;
        result.set(array.subarray(from, from + length * inner), o * length * inner);
      }
      return result;
    });
  }

  /**
   * Moves rows of one capacity side by side, unless they are already, and returns their memory, which is valid until the
   * next call of any other method.
   *
   * @param rows at least one
   */
  view(rows: readonly CacheRow[]): RowView {
    const { capacity } = rows[0];
    const pool = this.poolOf(rows[0]);
    const members = new Set(rows.map(own));
    for (const row of rows) if (this.poolOf(row) !== pool) throw unknownRow();
    const first = bestWindow(pool, members);
    const outside = [...members].filter(({ slot }) => slot < first || slot >= first + members.size);
    for (let slot = first; outside.length > 0 && slot < first + members.size; slot++) {
      const occupant = pool.slots[slot];
      if (occupant === undefined || !members.has(occupant)) this.swap(pool, slot, outside.pop()!.slot);
    }
    const size = this.rowSize(capacity);
    return {
      rows: pool.slots.slice(first, first + members.size) as MutableRow[],
      capacity,
      arrays: pool.arrays.map((array) => array.subarray(first * size, (first + members.size) * size)),
    };
  }

  get stats(): RowCacheStats {
    const rows = [...this.pools.values()].flatMap(({ slots }) => slots.filter((row) => row !== undefined));
    return {
      numRows: rows.length,
      bytes: bytesOf(this.pools.values()),
      spareBytes: bytesOf(this.spare.values()),
      bytesCopied: this.bytesCopied,
    };
  }

  /** Number of elements of a row in each array. */
  private rowSize(capacity: number): number {
    return this.options.outer * capacity * this.options.inner;
  }

  /** Returns the least capacity for a length: 1, 2, 3, 4, 6, 8, 12, 16, … times the least of all. */
  private capacityFor(length: number): number {
    let power = this.minCapacity;
    while (2 * power < length) power *= 2;
    return [power, 1.5 * power, 2 * power].find(
      (capacity) => capacity >= length && capacity % this.minCapacity === 0,
    )!;
  }

  /** Returns the pool that a row is in. */
  private poolOf(row: CacheRow): Pool {
    const pool = this.pools.get(row.capacity);
    if (pool?.slots[own(row).slot] !== row) throw unknownRow();
    return pool;
  }

  private pool(capacity: number): Pool {
    let pool = this.pools.get(capacity);
    if (pool === undefined) {
      pool = this.spare.get(capacity) ?? this.emptyPool(capacity);
      this.spare.delete(capacity);
      this.pools.set(capacity, pool);
    }
    return pool;
  }

  private emptyPool(capacity: number): Pool {
    const arrays = Array.from({ length: this.options.numArrays }, () => new Float32Array());
    return { capacity, slots: [], arrays };
  }

  /** Puts a row into a free slot, of zeros: a value that is not finite would spread from unused positions. */
  private place(row: MutableRow, pool: Pool): void {
    this.grow(pool, 1);
    const size = this.rowSize(pool.capacity);
    const slot = pool.slots.indexOf(undefined);
    for (const array of pool.arrays) array.fill(0, slot * size, (slot + 1) * size);
    pool.slots[slot] = row;
    row.slot = slot;
    row.capacity = pool.capacity;
  }

  /** Makes sure that a pool has this many free slots. */
  private grow(pool: Pool, numFree: number): void {
    const { length } = pool.slots;
    const missing = numFree - pool.slots.filter((row) => row === undefined).length;
    if (missing <= 0) return;
    const size = this.rowSize(pool.capacity);
    const numSlots = Math.max(4, 2 * length, length + missing);
    pool.arrays = pool.arrays.map((old) => {
      const array = new Float32Array(numSlots * size);
      array.set(old);
      return array;
    });
    pool.slots.push(...new Array<undefined>(numSlots - length).fill(undefined));
    this.bytesCopied += 4 * pool.arrays.length * length * size;
  }

  /** Moves a row to the pool of another capacity. */
  private move(row: MutableRow, capacity: number): void {
    const old = this.pools.get(row.capacity)!;
    const { slot: oldSlot, capacity: oldCapacity } = row;
    this.place(row, this.pool(capacity));
    const { arrays } = this.pool(capacity);
    const { outer, inner } = this.options;
    old.arrays.forEach((array, a) => {
      for (let o = 0; o < outer; o++) {
        const from = (oldSlot * outer + o) * oldCapacity * inner;
        const to = (row.slot * outer + o) * capacity * inner;
        arrays[a].set(array.subarray(from, from + row.length * inner), to);
      }
    });
    this.bytesCopied += 4 * old.arrays.length * outer * row.length * inner;
    this.leave(old, oldSlot);
  }

  /** Frees a slot; a pool without rows is kept if there is room for it. */
  private leave(pool: Pool, slot: number): void {
    pool.slots[slot] = undefined;
    if (pool.slots.some((row) => row !== undefined)) return;
    this.pools.delete(pool.capacity);
    // It would take the place of all others, and still not fit.
    if (bytesOf([pool]) > this.maxSpareBytes) return;
    this.spare.set(pool.capacity, pool);
    for (const oldest of this.spare.keys()) {
      if (bytesOf(this.spare.values()) <= this.maxSpareBytes) break;
      this.spare.delete(oldest);
    }
  }

  private swap(pool: Pool, a: number, b: number): void {
    const size = this.rowSize(pool.capacity);
    const [inA, inB] = [pool.slots[a], pool.slots[b]];
    for (const array of pool.arrays) {
      const held = inA === undefined ? undefined : array.slice(a * size, (a + 1) * size);
      array.copyWithin(a * size, b * size, (b + 1) * size);
      if (held !== undefined) array.set(held, b * size);
    }
    this.bytesCopied += 4 * pool.arrays.length * size * (inA === undefined ? 1 : 3);
    pool.slots[a] = inB;
    pool.slots[b] = inA;
    if (inB !== undefined) inB.slot = a;
    if (inA !== undefined) inA.slot = b;
  }
}

/** Returns the first of as many slots as there are members, with as many members in them as possible. */
function bestWindow({ slots }: Pool, members: ReadonlySet<MutableRow>): number {
  const isMember = slots.map((row) => row !== undefined && members.has(row));
  let inside = isMember.slice(0, members.size).filter(Boolean).length;
  let best = { first: 0, inside };
  for (let first = 1; first + members.size <= slots.length; first++) {
    inside += Number(isMember[first + members.size - 1]) - Number(isMember[first - 1]);
    if (inside > best.inside) best = { first, inside };
  }
  return best.first;
}

function bytesOf(pools: Iterable<Pool>): number {
  let bytes = 0;
  for (const { arrays } of pools) for (const { byteLength } of arrays) bytes += byteLength;
  return bytes;
}

function own(row: CacheRow): MutableRow {
  return row as MutableRow;
}

function unknownRow(): TransfusionError {
  return new TransfusionError('disposed', 'RowCache: the row was removed, or is of another cache.');
}
