import { TransfusionError } from '@transfusion/errors';
import { DataBuffer } from '../graph/data-buffer.js';
import { arrayOver, bytesPerElement, type GraphDtype } from '../graph/dtype.js';

const STALE_AFTER_ALLOCATIONS = 10_000;

/** Maximum free memory, in bytes. */
export interface PoolLimits {
  readonly maxPooledBytes: number;
  /** Part of it for sizes that no compiled function has requested. */
  readonly maxEagerPooledBytes: number;
}

/** The free memory of one size. */
interface FreeSize {
  readonly list: ArrayBuffer[];
  lastAsked: number;
  /** Requested by a compiled function, which requests it again at each call. */
  compiled: boolean;
}

/**
 * Keeps the memory of disposed tensors for later tensors of the same size in bytes, so that a
 * training loop allocates nothing after its first steps (fresh `ArrayBuffer`s are zeroed, and freed
 * only by the garbage collector, which reacts too late to their size). The shapes of an eager program may be
 * new at every step; what is kept of them has a lower limit.
 */
export class BufferPool {
  /** Free memory by size in bytes. */
  private readonly free = new Map<number, FreeSize>();
  private readonly freeBytes = { eager: 0, compiled: 0 };
  private allocations = 0;

  /** @param limits what exceeds them is left to the garbage collector. */
  constructor(private readonly limits: () => PoolLimits) {}

  allocate(dtype: GraphDtype, length: number, requester: 'eager' | 'compiled' = 'eager'): DataBuffer {
    const bytes = length * bytesPerElement(dtype);
    this.allocations++;
    const size = requester === 'compiled' ? this.compiledSize(bytes) : this.free.get(bytes);
    if (size !== undefined) size.lastAsked = this.allocations;
    const reused = size?.list.pop();
    if (reused !== undefined) this.count(size!, -bytes);
    return new DataBuffer(arrayOver(reused ?? memory(bytes, dtype, length), dtype, length));
  }

  /** Returns memory to the pool. The caller guarantees that nothing refers to it anymore. */
  release(buffer: DataBuffer): void {
    const memory = buffer.array.buffer as ArrayBuffer;
    const bytes = memory.byteLength;
    if (buffer.exposed || bytes === 0) return;
    const compiled = this.free.get(bytes)?.compiled ?? false;
    if (!this.hasRoom(bytes, compiled)) {
      this.dropStale();
      if (!this.hasRoom(bytes, compiled)) return;
    }
    const size = this.sizeOf(bytes);
    size.list.push(memory);
    this.count(size, bytes);
  }

  clear(): void {
    this.free.clear();
    this.freeBytes.eager = this.freeBytes.compiled = 0;
  }

  private hasRoom(bytes: number, compiled: boolean): boolean {
    const { maxPooledBytes, maxEagerPooledBytes } = this.limits();
    const { freeBytes } = this;
    if (freeBytes.eager + freeBytes.compiled + bytes > maxPooledBytes) return false;
    return compiled || freeBytes.eager + bytes <= maxEagerPooledBytes;
  }

  private sizeOf(bytes: number): FreeSize {
    let size = this.free.get(bytes);
    if (size === undefined) {
      this.free.set(bytes, (size = { list: [], lastAsked: this.allocations, compiled: false }));
    }
    return size;
  }

  private compiledSize(bytes: number): FreeSize {
    const size = this.sizeOf(bytes);
    if (size.compiled) return size;
    const held = bytes * size.list.length;
    this.count(size, -held);
    size.compiled = true;
    this.count(size, held);
    return size;
  }

  private count({ compiled }: FreeSize, bytes: number): void {
    this.freeBytes[compiled ? 'compiled' : 'eager'] += bytes;
  }

  /** Drops sizes that have not been requested for a while; keeps those in use, even over the limit. */
  private dropStale(): void {
    for (const [bytes, size] of this.free) {
      if (this.allocations - size.lastAsked < STALE_AFTER_ALLOCATIONS) continue;
      this.count(size, -bytes * size.list.length);
      this.free.delete(bytes);
    }
  }
}

function memory(bytes: number, dtype: GraphDtype, length: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new TransfusionError(
      'out-of-memory',
      `A ${dtype} tensor of ${length} elements needs ${bytes} bytes, which cannot be allocated.`,
      { cause },
    );
  }
}
