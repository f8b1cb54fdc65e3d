import { checkFields, TransfusionError } from '@transfusion/errors';
import { sizeOf } from '@transfusion/modality';
import type { CacheRow } from '@transfusion/tfjs-backend-onnxruntime';
import type { Transfusion, TransfusionParams } from '../../model/transfusion.js';
import { spanGroupKinds } from '../../sequence/span-groups.js';
import { checkRequest } from '../check-request.js';
import type { RequestEvent } from '../decisions.js';
import type { GenerationRequest } from '../request.js';
import { runRequest } from '../run-request.js';
import { schedulerSampler } from '../scheduler-sampler.js';
import { createAdmission } from './admission.js';
import { createEventQueue } from '../event-queue.js';
import { createJobQueue, type Job } from './job-queue.js';
import { measureRows, type MeasuredCall } from './measure-rows.js';
import { createPrefixCache } from './prefix-cache.js';
import { createRequestRows, type SharedRows } from './request-rows.js';
import { createStepRunner } from './step-runner.js';

/** Options of {@link createEngine}. */
export interface EngineOptions {
  /**
   * Maximum number of rows of a call; a request takes one, or up to three with guidance. Defaults to 16, and for single
   * tokens and denoising to what `warmUp` measures: about the fewest with which a row costs little more than with any
   * number.
   */
  readonly maxRows?: number;
  /** Maximum number of requests that run at a time; others wait, in their order. Defaults to 64. */
  readonly maxRequests?: number;
  /**
   * Milliseconds that a call of several rows may take while something else waits, or did a moment ago; defaults to 50.
   * One row takes as long as it takes.
   */
  readonly maxTickMilliseconds?: number;
  /** Memory for the beginnings of documents that requests share, in bytes; defaults to 64 MiB. */
  readonly maxPrefixBytes?: number;
}

/** Options of {@link GenerationEngine.submit}. */
export interface SubmitOptions {
  /** Ends the request: its rows are free at the next tick, and its events end with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called when the request begins, after those that it waited for: see `maxRequests`. */
  readonly onStart?: () => void;
}

/** State of an engine at the moment. */
export interface EngineStats {
  /** Requests that have not ended, with those that wait to begin. */
  readonly numRequests: number;
  /** Rows of the cache in use, and its bytes. */
  readonly numRows: number;
  readonly cacheBytes: number;
  readonly prefixBytes: number;
  /** Calls so far, the sum of their numbers of rows, and the bytes of keys and values that were copied. */
  readonly numTicks: number;
  readonly numComputedRows: number;
  readonly bytesCopied: number;
}

/** Least value of each option. */
const LEAST = { maxRows: 1, maxRequests: 1, maxTickMilliseconds: 1, maxPrefixBytes: 0 };

function checkOptions(options: EngineOptions): void {
  checkFields('createEngine: options', options, LEAST);
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof EngineOptions];
    if (value === undefined || (Number.isInteger(value) && value >= least)) continue;
    throw new TransfusionError(
      'invalid-argument',
      `createEngine: ${name} is ${value}, expected an integer of at least ${least}.`,
    );
  }
}

/** Numbers of rows with which a call takes longer than this are not worth trying. */
const MAX_MEASURED_MILLISECONDS = 250;

/**
 * Shares by which a row may cost more than the cheapest. In small calls that take turns, the first images are done earlier;
 * texts are not, since all of them take part in all turns.
 */
const [TOKEN_TOLERANCE, SPAN_TOLERANCE] = [0.05, 0.2];

/** Maximum number of rows of a call that has not been measured. */
const DEFAULT_MAX_ROWS = 16;

/** Generates any number of documents together; see {@link createEngine}. */
export interface GenerationEngine {
  readonly model: Transfusion;
  /**
   * Starts a request, which joins those that are running, and returns its events. They need not be read as they
   * come; a loop over them that is left ends the request.
   *
   * @throws TransfusionError `not-found`, `invalid-argument` or `mismatch` for a request that cannot be met;
   *   `disposed` after `dispose`
   */
  submit(request: GenerationRequest, options?: SubmitOptions): AsyncIterableIterator<RequestEvent>;
  /**
   * Compiles all graphs and measures how many rows a call is worth, before the first request rather than during it.
   */
  warmUp(): Promise<void>;
  readonly stats: EngineStats;
  /** Ends all requests, and frees the graphs. */
  dispose(): void;
}

/**
 * Creates an engine that generates documents: with a cache of keys and values, graphs that are compiled once,
 * and all requests together in each call, whether they sample tokens or denoise spans.
 *
 * A request's result depends on the request alone, bit for bit, on the `onnxruntime` backend: not on others that
 * run beside it, nor on what the caches hold.
 *
 * @param params must outlive the engine; on the `onnxruntime` backend only until `warmUp` has resolved, which copies them
 *   into the graphs
 * @throws TransfusionError `invalid-argument` for an unknown option or one out of range
 */
export function createEngine(
  model: Transfusion,
  params: TransfusionParams,
  options: EngineOptions = {},
): GenerationEngine {
  checkOptions(options);
  const { maxRows, maxRequests = 64, maxTickMilliseconds = 50, maxPrefixBytes = 2 ** 26 } = options;
  const runner = createStepRunner(model, params);
  const { cache } = runner;
  /** Rows that a call of each group is worth, as measured by `warmUp`. */
  const measuredRows = new Map<string, number>();
  const queue = createJobQueue({
    maxRows: (key) => maxRows ?? measuredRows.get(key) ?? DEFAULT_MAX_ROWS,
    maxTickMilliseconds,
    // Somebody reads along with a text, and looks at an image when it is done.
    weight: (key) => (key.startsWith('tokens') ? 2 : 1),
  });
  const prefixes = createPrefixCache(maxPrefixBytes);
  const groups = new Map(spanGroupKinds(model.modalities).map((group) => [group.key, group]));
  const requests = new Set<AbortController>();
  const admission = createAdmission(maxRequests);
  let [numTicks, numComputedRows] = [0, 0];
  let isRunning = false;
  let isDisposed = false;

  const checkNotDisposed = (method: string): void => {
    if (!isDisposed) return;
    throw new TransfusionError('disposed', `engine: ${method} after dispose. Create another engine.`);
  };

  const runJobs = (key: string, jobs: readonly Job[]): void => {
    let started = performance.now();
    try {
      // Compiling is not what a call costs.
      const [{ work }] = jobs;
      runner.compile('group' in work ? work.group : undefined);
      started = performance.now();
      const results = resultsOf(jobs);
      numTicks++;
      jobs.forEach((job, i) => job.resolve(results[i]));
    } catch (error) {
      for (const job of jobs) job.reject(error);
    }
    const numRows = jobs.reduce((sum, job) => sum + job.numRows, 0);
    numComputedRows += numRows;
    queue.ran(key, numRows, performance.now() - started);
  };

  /** Runs jobs of one group, which are all of one kind. */
  const resultsOf = (jobs: readonly Job[]): readonly (readonly (Float32Array | undefined)[])[] => {
    const works = jobs.map(({ work }) => work);
    const tokens = works.flatMap((work) => (work.kind === 'tokens' ? [work.piece] : []));
    if (tokens.length > 0) return runner.appendTokens(tokens).map((logits) => [logits]);
    const finished = works.flatMap((work) => (work.kind === 'finished-span' ? [work] : []));
    if (finished.length > 0) {
      runner.appendSpans(
        finished[0].group,
        finished.map(({ piece }) => piece),
      );
      return finished.map(() => []);
    }
    const open = works.flatMap((work) => (work.kind === 'denoise' ? [work] : []));
    return runner.denoise(
      open[0].group,
      open.map(({ piece }) => piece),
    );
  };

  const tick = async (): Promise<void> => {
    for (;;) {
      // Requests that the last tick resumed add their next jobs before this resolves.
      await nextTurn();
      const next = queue.take();
      if (next === undefined) break;
      runJobs(next.key, next.jobs);
    }
    isRunning = false;
  };

  const shared: SharedRows = {
    cache,
    prefixes,
    queue,
    groups,
    wake: () => {
      if (isRunning) return;
      isRunning = true;
      void tick();
    },
  };

  return {
    model,
    submit: (request, submitOptions = {}) => {
      checkFields('submit: options', submitOptions, { signal: true, onStart: true });
      const { signal, onStart } = submitOptions;
      checkNotDisposed('submit');
      checkRequest(model, request, schedulerSampler);
      checkSignal(signal);
      const controller = new AbortController();
      const events = createEventQueue<RequestEvent>(() => controller.abort());
      if (signal?.aborted) {
        events.fail(signal.reason);
        return events.iterator;
      }
      const abort = (): void => controller.abort(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      requests.add(controller);
      const rows = createRequestRows(shared, controller.signal);
      admission
        .enter(controller.signal)
        .then(() => {
          onStart?.();
          return runRequest({ model, rows, samplerOf: schedulerSampler, emit: events.push }, request).finally(
            admission.leave,
          );
        })
        .then(events.end, events.fail)
        .finally(() => {
          requests.delete(controller);
          signal?.removeEventListener('abort', abort);
        });
      return events.iterator;
    },
    warmUp: async () => {
      const measure = async (
        key: string,
        tolerance: number,
        run: (rows: readonly CacheRow[]) => void,
      ): Promise<void> => {
        await nextTurn();
        checkNotDisposed('warmUp');
        const callOf = (numRows: number): MeasuredCall => {
          const rows = Array.from({ length: numRows }, () => cache.add());
          return { run: () => run(rows), end: () => rows.forEach((row) => cache.remove(row)) };
        };
        const { numRows, rowMilliseconds } = measureRows(callOf, {
          maxMilliseconds: MAX_MEASURED_MILLISECONDS,
          tolerance,
        });
        measuredRows.set(key, numRows);
        queue.expect(key, rowMilliseconds);
      };
      checkNotDisposed('warmUp');
      runner.compile();
      await measure('tokens 1', TOKEN_TOLERANCE, (rows) => {
        runner.appendTokens(rows.map((row) => ({ row, ids: [0], read: true })));
      });
      for (const group of groups.values()) {
        runner.compile(group);
        const latent = new Float32Array(sizeOf(group.latentShape));
        await measure(`denoise ${group.key}`, SPAN_TOLERANCE, (rows) => {
          runner.denoise(
            group,
            rows.map((row) => ({ rows: [row], latent, timestep: 1 })),
          );
        });
      }
    },
    get stats() {
      const { numRows, bytes, bytesCopied } = cache.stats;
      return {
        numRequests: requests.size,
        numRows,
        cacheBytes: bytes,
        prefixBytes: prefixes.bytes,
        numTicks,
        numComputedRows,
        bytesCopied,
      };
    },
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      const reason = new TransfusionError('disposed', 'engine: disposed while a request was running.');
      for (const controller of requests) controller.abort(reason);
      runner.dispose();
    },
  };
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TransfusionError(
    'invalid-argument',
    `submit: signal is ${String(signal)}, expected an AbortSignal. Omit it if nothing aborts the request.`,
  );
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
