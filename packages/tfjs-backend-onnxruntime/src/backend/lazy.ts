import { setRecorder, type Recorder } from '../graph/emit.js';
import { collectSubgraph, structureKey, type Subgraph } from '../graph/subgraph.js';
import type { GraphNode, Value } from '../graph/value.js';
import type { BufferPool, DataBuffer } from '../runtime/buffer-pool.js';
import { Executable, modelOf, sessionOptions, workOf } from '../runtime/executable.js';
import { onnxRuntimeOptions, optionsVersion } from '../runtime/options.js';

/** Compiled graphs kept at most; the one unused for longest goes first. */
const MAX_CACHED_GRAPHS = 256;
/** Below this many computed elements one thread is faster than two. */
const THREADING_THRESHOLD = 32_768;

/**
 * The lazy half of the backend: operations are recorded, and computed together when a value is read
 * (or too many wait). Graphs of equal structure share one compiled form.
 *
 * An *epoch* is the time between two moments at which nothing waits. Within an epoch a recorded
 * node may still refer to the data of a tensor that has been disposed; see `DataBuffer.lastUse`.
 */
export class LazyExecutor implements Recorder {
  readonly owner = null;
  private epoch = 0;
  private readonly pending = new Set<Value>();
  private readonly deferred: DataBuffer[] = [];
  private recordedNodes = 0;
  private readonly cache = new Map<string, Executable>();
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

  /** Counts a value as wanted: it is computed with the next flush. */
  want(value: Value): void {
    this.pending.add(value);
  }

  /** A value whose tensor was disposed before anybody needed it. */
  forget(value: Value): void {
    this.pending.delete(value);
  }

  /** Bounds the recorded graph; called once an operation is complete. */
  flushIfLong(): void {
    if (this.recordedNodes >= onnxRuntimeOptions().maxPendingNodes) this.flush();
  }

  /** Computes `value` now, and with it all that waits. */
  materialize(value: Value): void {
    if (value.producer !== null) {
      if (!this.pending.has(value)) this.compute([value]);
      else this.flush();
    }
    if (value.error !== null) throw value.error;
  }

  /** The data of a value of a trace that depends on nothing unknown. */
  evaluate(value: Value): DataBuffer {
    const [buffer] = this.run([value]);
    return buffer!;
  }

  /** Computes everything that waits. What cannot be computed throws when it is read, not here. */
  flush(): void {
    this.computeOrFail([...this.pending]);
    this.recordedNodes = 0;
    this.epoch++;
    for (const buffer of this.deferred) this.pool.release(buffer);
    this.deferred.length = 0;
  }

  /** Gives back the memory of a disposed tensor: at once, or when no recorded node can read it. */
  release(buffer: DataBuffer): void {
    if (buffer.lastUse < this.epoch) this.pool.release(buffer);
    else this.deferred.push(buffer);
  }

  clearCache(): void {
    for (const executable of this.cache.values()) executable.dispose();
    this.cache.clear();
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

  /** Computes what can be computed: one culprit among many must not take the others with it. */
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

  /** Its inputs may be gone by the time it is read: the error is all that remains. */
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
    const key = structureKey(graph);
    let executable = this.cache.get(key);
    if (executable === undefined) {
      executable = new Executable(
        graph,
        modelOf(graph),
        sessionOptions({
          // Each session owns its threads and its arena: hundreds of small ones must not.
          ...(workOf(graph) < THREADING_THRESHOLD ? { intraOpNumThreads: 1 } : {}),
          enableCpuMemArena: false,
        }),
      );
      if (this.cache.size >= MAX_CACHED_GRAPHS) {
        const [oldest, unused] = this.cache.entries().next().value!;
        unused.dispose();
        this.cache.delete(oldest);
      }
    } else {
      this.cache.delete(key);
    }
    this.cache.set(key, executable);
    return executable;
  }
}
