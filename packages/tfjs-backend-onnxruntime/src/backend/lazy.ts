import type { DataBuffer } from '../graph/data-buffer.js';
import { setRecorder, type Recorder } from '../graph/emit.js';
import { collectSubgraph, structureKey, type Subgraph } from '../graph/subgraph.js';
import type { GraphNode, Value } from '../graph/value.js';
import { GraphCache } from './graph-cache.js';
import type { BufferPool } from '../runtime/buffer-pool.js';
import { Executable, benefitsFromThreads, modelOf, sessionOptions } from '../runtime/executable.js';
import { onnxRuntimeOptions, optionsVersion } from '../runtime/options.js';

/** Maximum number of cached graphs. */
const MAX_CACHED_GRAPHS = 256;
/** Maximum number of cached graphs that use several threads: each session has its own. */
const MAX_CACHED_THREADED_GRAPHS = 16;
/** Maximum memory of disposed tensors that pending nodes may still read. */
const MAX_DEFERRED_BYTES = 2 ** 27;

/**
 * Lazy execution: operations are recorded, and computed together when a value is read (or too many
 * are pending). Graphs of equal structure share one compiled form.
 *
 * An *epoch* is the time between two moments at which nothing is pending. Within an epoch a recorded
 * node may still refer to the data of a tensor that has been disposed; see `DataBuffer.lastUse`.
 */
export class LazyExecutor implements Recorder {
  readonly owner = null;
  private epoch = 0;
  private readonly pending = new Set<Value>();
  private readonly deferred: DataBuffer[] = [];
  private deferredBytes = 0;
  private recordedNodes = 0;
  private readonly cache = new GraphCache(MAX_CACHED_GRAPHS);
  private readonly threadedCache = new GraphCache(MAX_CACHED_THREADED_GRAPHS);
  private cacheVersion = optionsVersion();

  constructor(private readonly pool: BufferPool) {
    setRecorder(this);
  }

  recorded(node: GraphNode): void {
    this.recordedNodes++;
    for (const input of node.inputs) {
      if (input?.buffer) input.buffer.lastUse = this.epoch;
    }
  }

  /** Marks a value as live: the next flush computes it. */
  want(value: Value): void {
    this.pending.add(value);
  }

  /** Drops a value whose tensor was disposed before it was needed. */
  forget(value: Value): void {
    this.pending.delete(value);
  }

  /** Flushes if the recorded graph, or the memory it holds, is too large; called after each operation. */
  flushIfLong(): void {
    const tooLong = this.recordedNodes >= onnxRuntimeOptions().maxPendingNodes;
    if (tooLong || this.deferredBytes > MAX_DEFERRED_BYTES) this.flush();
  }

  /** Computes `value` now, together with everything pending. */
  materialize(value: Value): void {
    if (value.producer !== null) {
      if (!this.pending.has(value)) this.compute([value]);
      else this.flush();
    }
    if (value.error !== null) throw value.error;
  }

  /** Computes a value of a trace that depends on no placeholder. */
  evaluate(value: Value): DataBuffer {
    const [buffer] = this.run([value]);
    return buffer!;
  }

  /** Computes everything pending. An operation that fails throws when its result is read, not here. */
  flush(): void {
    this.computeOrFail([...this.pending]);
    this.recordedNodes = 0;
    this.epoch++;
    for (const buffer of this.deferred) this.pool.release(buffer);
    this.deferred.length = 0;
    this.deferredBytes = 0;
  }

  /** Releases the memory of a disposed tensor: at once, or when no pending node can read it. */
  release(buffer: DataBuffer): void {
    if (buffer.lastUse < this.epoch) {
      this.pool.release(buffer);
    } else {
      this.deferred.push(buffer);
      this.deferredBytes += buffer.array.byteLength;
    }
  }

  clearCache(): void {
    this.cache.clear();
    this.threadedCache.clear();
  }

  private run(values: readonly Value[]): DataBuffer[] {
    const graph = collectSubgraph(values);
    const executable = this.compiled(graph);
    const buffers = values.map((value) => this.pool.allocate(value.dtype, value.size));
    executable.run(
      graph.inputs.map((input) => input.buffer!.array),
      buffers.map((buffer) => buffer.array),
    );
    return buffers;
  }

  /** Computes values, bisecting after a failure: one that fails must not affect the others. */
  private computeOrFail(values: readonly Value[]): void {
    if (values.length === 0) return;
    try {
      this.compute(values);
    } catch (error) {
      if (values.length === 1) {
        this.fail(values[0], error as Error);
        return;
      }
      const half = values.length >> 1;
      this.computeOrFail(values.slice(0, half));
      this.computeOrFail(values.slice(half));
    }
  }

  /** Replaces the computation of a value by its error: the inputs may be gone by the time it is read. */
  private fail(value: Value, error: Error): void {
    value.error = error;
    value.producer = null;
    this.pending.delete(value);
  }

  private compute(values: readonly Value[]): void {
    const buffers = this.run(values);
    values.forEach((value, i) => {
      value.buffer = buffers[i]!;
      // Nodes recorded earlier in this epoch may read the new buffer too.
      value.buffer.lastUse = this.epoch;
      value.producer = null;
      this.pending.delete(value);
    });
  }

  private compiled(graph: Subgraph): Executable {
    if (this.cacheVersion !== optionsVersion()) {
      this.clearCache();
      this.cacheVersion = optionsVersion();
    }
    const cache = benefitsFromThreads(graph) ? this.threadedCache : this.cache;
    // Hundreds of sessions must not each keep the memory of their largest run.
    const options = { enableCpuMemArena: false };
    return cache.get(
      structureKey(graph),
      () => new Executable(graph, modelOf(graph), sessionOptions(graph, options)),
    );
  }
}
