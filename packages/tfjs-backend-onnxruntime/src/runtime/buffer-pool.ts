import { EngineError } from '../errors.js';
import { arrayOver, bytesPerElement, type GraphArray, type GraphDtype } from '../graph/dtype.js';

/** Data of a tensor on the JavaScript heap. */
export class DataBuffer {
  /**
   * The epoch (see `lazy.ts`) in which a recorded, not yet executed node last referred to this
   * buffer. It must not be reused before that epoch is over.
   */
  lastUse = -1;
  /** A caller holds `array`: it may be read after the tensor is disposed, so never reuse it. */
  exposed = false;

  constructor(readonly array: GraphArray) {}
}

/**
 * Keeps the memory of disposed tensors for later tensors of the same size in bytes, so that a
 * training loop allocates nothing after its first steps (fresh `ArrayBuffer`s are zeroed and freed
 * only by the garbage collector, which does not see how large they are in time).
 */
export class BufferPool {
  private readonly free = new Map<number, ArrayBuffer[]>();
  private freeBytes = 0;

  /** @param maxFreeBytes what is kept at most; the rest is left to the garbage collector. */
  constructor(private readonly maxFreeBytes: number) {}

  allocate(dtype: GraphDtype, length: number): DataBuffer {
    const bytes = length * bytesPerElement(dtype);
    const reused = this.free.get(bytes)?.pop();
    if (reused !== undefined) this.freeBytes -= bytes;
    return new DataBuffer(arrayOver(reused ?? memory(bytes, dtype, length), dtype, length));
  }

  /** Takes the memory back. The caller guarantees that nothing refers to it any more. */
  release(buffer: DataBuffer): void {
    const memory = buffer.array.buffer as ArrayBuffer;
    const bytes = memory.byteLength;
    if (buffer.exposed || bytes === 0) return;
    if (this.freeBytes + bytes > this.maxFreeBytes) {
      this.clear();
      if (bytes > this.maxFreeBytes) return;
    }
    let list = this.free.get(bytes);
    if (list === undefined) this.free.set(bytes, (list = []));
    list.push(memory);
    this.freeBytes += bytes;
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
    throw new EngineError(
      'out-of-memory',
      `A ${dtype} tensor of ${length} elements needs ${bytes} bytes, which cannot be had.`,
      { cause },
    );
  }
}
