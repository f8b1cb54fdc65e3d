import { TransfusionError } from '@transfusion/errors';
import { DataBuffer } from '../graph/data-buffer.js';
import { arrayOver, bytesPerElement, type GraphDtype } from '../graph/dtype.js';

const STALE_AFTER_ALLOCATIONS = 10_000;

/**
 * Keeps the memory of disposed tensors for later tensors of the same size in bytes, so that a
 * training loop allocates nothing after its first steps (fresh `ArrayBuffer`s are zeroed, and freed
 * only by the garbage collector, which reacts too late to their size).
 */
export class BufferPool {
  /** Free memory by size in bytes. */
  private readonly free = new Map<number, { readonly list: ArrayBuffer[]; lastAsked: number }>();
  private freeBytes = 0;
  private allocations = 0;

  /** @param maxFreeBytes maximum to keep; the rest is left to the garbage collector. */
  constructor(private readonly maxFreeBytes: () => number) {}

  allocate(dtype: GraphDtype, length: number): DataBuffer {
    const bytes = length * bytesPerElement(dtype);
    this.allocations++;
    const size = this.free.get(bytes);
    if (size !== undefined) size.lastAsked = this.allocations;
    const reused = size?.list.pop();
    if (reused !== undefined) this.freeBytes -= bytes;
    return new DataBuffer(arrayOver(reused ?? memory(bytes, dtype, length), dtype, length));
  }

  /** Returns memory to the pool. The caller guarantees that nothing refers to it anymore. */
  release(buffer: DataBuffer): void {
    const memory = buffer.array.buffer as ArrayBuffer;
    const bytes = memory.byteLength;
    if (buffer.exposed || bytes === 0) return;
    if (this.freeBytes + bytes > this.maxFreeBytes()) {
      this.dropStale();
      if (this.freeBytes + bytes > this.maxFreeBytes()) return;
    }
    let size = this.free.get(bytes);
    if (size === undefined) this.free.set(bytes, (size = { list: [], lastAsked: this.allocations }));
    size.list.push(memory);
    this.freeBytes += bytes;
  }

  /** Drops sizes that have not been requested for a while; keeps those in use, even over the limit. */
  private dropStale(): void {
    for (const [bytes, { list, lastAsked }] of this.free) {
      if (this.allocations - lastAsked < STALE_AFTER_ALLOCATIONS) continue;
      this.freeBytes -= bytes * list.length;
      this.free.delete(bytes);
    }
  }

  clear(): void {
    this.free.clear();
    this.freeBytes = 0;
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
