/** Metrics of one output from its admission to its end. */
import type { InferenceEvent } from '../inference/model-host.js';
import type { Metrics } from './metrics.js';
import type { RequestSummary } from './request-log.js';

/** Reason for the end of an output, as vLLM names them. */
export type FinishedReason = 'stop' | 'length' | 'abort' | 'error';

/** Follows an output from its admission to its end. */
export interface OutputTracker {
  readonly isEnded: boolean;
  observe(event: InferenceEvent): void;
  /** Ends the output; calls after the first, and after an `end` event, do nothing. */
  end(reason: FinishedReason): void;
}

/**
 * Counts an output of `model` as waiting, until it starts or ends.
 *
 * @param summary is brought up to date with what is observed
 * @param onEnd is called once
 */
export function trackOutput(
  metrics: Metrics,
  model: string,
  summary: RequestSummary,
  onEnd: () => void,
): OutputTracker {
  const label = { model_name: model };
  const admittedAt = performance.now();
  const secondsSince = (time: number): number => (performance.now() - time) / 1000;
  let state: 'waiting' | 'running' | 'ended' = 'waiting';
  let isFirst = true;
  /** Time of the text before, if nothing else came in between. */
  let lastTextAt: number | undefined;
  metrics.waiting.inc(label);

  function end(reason: FinishedReason): void {
    if (state === 'ended') return;
    metrics[state].dec(label);
    state = 'ended';
    metrics.ended.inc({ ...label, finished_reason: reason });
    metrics.endToEnd.observe(label, secondsSince(admittedAt));
    onEnd();
  }

  function observeFirst(): void {
    if (!isFirst) return;
    isFirst = false;
    metrics.timeToFirstToken.observe(label, secondsSince(admittedAt));
    summary.firstOutputMs ??= Math.round(performance.now() - admittedAt);
  }

  function observe(event: InferenceEvent): void {
    if (state === 'ended') return;
    switch (event.type) {
      case 'start':
        if (state === 'running') return;
        metrics.waiting.dec(label);
        metrics.running.inc(label);
        state = 'running';
        metrics.queueTime.observe(label, secondsSince(admittedAt));
        summary.queueMs ??= Math.round(performance.now() - admittedAt);
        return;
      case 'text':
        observeFirst();
        if (lastTextAt !== undefined) metrics.interTokenLatency.observe(label, secondsSince(lastTextAt));
        lastTextAt = performance.now();
        return;
      case 'denoise-step':
        lastTextAt = undefined;
        metrics.denoiseStep.observe(label, event.milliseconds / 1000);
        return;
      case 'preview':
        observeFirst();
        return;
      case 'file':
        lastTextAt = undefined;
        observeFirst();
        if (event.mediaType.startsWith('image/')) metrics.images.inc(label);
        return;
      case 'end': {
        const { usage } = event;
        const prompt = usage.promptTokens + usage.promptSpanPositions;
        const generated = usage.generatedTokens + usage.generatedSpanPositions;
        metrics.promptTokens.inc(label, prompt);
        metrics.generationTokens.inc(label, generated);
        summary.promptTokens = prompt;
        summary.generatedTokens = (summary.generatedTokens ?? 0) + generated;
        end(event.reason);
      }
    }
  }

  return {
    get isEnded() {
      return state === 'ended';
    },
    observe,
    end,
  };
}
