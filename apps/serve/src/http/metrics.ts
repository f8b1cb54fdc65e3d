/** Metrics for Prometheus: vLLM's names, which gateways and autoscalers read, and `transfusion_*` for what vLLM lacks. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineState, ModelHost } from '../inference/model-host.js';

/** Metrics of a server, in a registry of their own. */
export type Metrics = ReturnType<typeof createMetrics>;

const LATENCY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const STEP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Creates the metrics of a server that serves `models`. */
export function createMetrics(models: readonly ModelHost[]) {
  const registry = new Registry();
  const common = { registers: [registry], labelNames: ['model_name'] as const };
  const metrics = {
    registry,
    running: new Gauge({
      ...common,
      name: 'vllm:num_requests_running',
      help: 'Outputs that are being generated.',
    }),
    waiting: new Gauge({
      ...common,
      name: 'vllm:num_requests_waiting',
      help: 'Outputs that are admitted and have not started.',
    }),
    timeToFirstToken: new Histogram({
      ...common,
      name: 'vllm:time_to_first_token_seconds',
      help: 'Time from admission to the first text, preview or file of an output.',
      buckets: LATENCY_BUCKETS,
    }),
    interTokenLatency: new Histogram({
      ...common,
      name: 'vllm:inter_token_latency_seconds',
      help: 'Time between adjacent texts of an output.',
      buckets: STEP_BUCKETS,
    }),
    endToEnd: new Histogram({
      ...common,
      name: 'vllm:e2e_request_latency_seconds',
      help: 'Time from admission to the end of an output.',
      buckets: LATENCY_BUCKETS,
    }),
    queueTime: new Histogram({
      ...common,
      name: 'vllm:request_queue_time_seconds',
      help: 'Time from admission to the start of an output.',
      buckets: LATENCY_BUCKETS,
    }),
    promptTokens: new Counter({
      ...common,
      name: 'vllm:prompt_tokens_total',
      help: "Tokens and spans' positions in prompts.",
    }),
    generationTokens: new Counter({
      ...common,
      name: 'vllm:generation_tokens_total',
      help: "Generated tokens and spans' positions.",
    }),
    ended: new Counter({
      ...common,
      labelNames: ['model_name', 'finished_reason'] as const,
      name: 'vllm:request_success_total',
      help: 'Outputs that ended, by reason: stop, length, abort or error.',
    }),
    denoiseStep: new Histogram({
      ...common,
      name: 'transfusion_denoise_step_seconds',
      help: 'Time of a denoising step.',
      buckets: STEP_BUCKETS,
    }),
    images: new Counter({ ...common, name: 'transfusion_images_total', help: 'Generated images.' }),
    refused: new Counter({
      registers: [registry],
      labelNames: ['status'] as const,
      name: 'transfusion_requests_refused_total',
      help: 'Requests that were refused, by status: 4xx, 429 of a full queue among them, and 503.',
    }),
  };
  collectDefaultMetrics({ register: registry });
  registerEngineState(registry, models);
  for (const { name } of models) {
    for (const gauge of [metrics.running, metrics.waiting]) gauge.set({ model_name: name }, 0);
  }
  return metrics;
}

/** Metrics that read the engines' state whenever they are scraped. */
function registerEngineState(registry: Registry, models: readonly ModelHost[]): void {
  const common = { registers: [registry], labelNames: ['model_name'] as const };
  const statesOf = () =>
    models.flatMap(({ name, state }) =>
      state === undefined ? [] : [{ labels: { model_name: name }, state }],
    );
  const engineGauge = (name: string, help: string, read: (state: EngineState) => number) =>
    new Gauge({
      ...common,
      name,
      help,
      collect() {
        this.reset();
        for (const { labels, state } of statesOf()) this.set(labels, read(state));
      },
    });
  engineGauge('transfusion_cache_bytes', 'Memory of cached keys and values.', (state) => state.cacheBytes);
  engineGauge('transfusion_engine_rows', 'Rows of the engine, guidance included.', (state) => state.numRows);
  engineGauge(
    'transfusion_model_resident_memory_bytes',
    "Resident memory of the model's process.",
    (state) => state.residentBytes,
  );
  engineGauge(
    'transfusion_rows_per_tick',
    'Mean number of rows of the calls since the last report.',
    (state) => state.rowsPerTick,
  );
  new Counter({
    ...common,
    name: 'transfusion_engine_ticks_total',
    help: 'Ticks of the engine since it started.',
    collect() {
      this.reset();
      for (const { labels, state } of statesOf()) this.inc(labels, state.numTicks);
    },
  });
}
