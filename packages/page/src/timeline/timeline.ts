/** Record of a reply: its tokens and spans in time, and where the time went. */
import type { GenerationEvent, Timings } from '../api/backend.js';

/** A denoising step. */
export interface StepRecord {
  readonly step: number;
  readonly timestep?: number;
  /** Milliseconds since the request. */
  readonly at: number;
}

/** A stretch of a reply: a text, or a value from its first denoising step to its file. */
export interface Span {
  readonly kind: 'text' | 'value';
  readonly item: number;
  /** Milliseconds since the request. */
  readonly start: number;
  readonly end: number;
  /** Times at which pieces of a text came. */
  readonly pieces: readonly number[];
  readonly steps: readonly StepRecord[];
  readonly numSteps: number;
  readonly mediaType?: string;
}

/** The record. Times are in milliseconds since the request. */
export interface Timeline {
  /** Beginning of generation; undefined while the request waits. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly spans: readonly Span[];
  /** Times that the backend measured. */
  readonly timings?: Timings;
}

/** Record of a request that has just been sent. */
export const emptyTimeline: Timeline = { spans: [] };

/** Returns the record with an event at a time. */
export function withEvent(timeline: Timeline, event: GenerationEvent, at: number): Timeline {
  switch (event.type) {
    case 'start':
      return { ...timeline, startedAt: at };
    case 'text': {
      const span = openSpan(timeline, 'text', event.item, at);
      return withSpan(timeline, { ...span, end: at, pieces: [...span.pieces, at] });
    }
    case 'step': {
      const { step, numSteps, timestep } = event;
      const span = openSpan(timeline, 'value', event.item, at);
      return withSpan(timeline, {
        ...span,
        end: at,
        numSteps,
        steps: [...span.steps, { step, timestep, at }],
      });
    }
    case 'value': {
      const span = openSpan(timeline, 'value', event.item, at);
      return withSpan(timeline, { ...span, end: at, mediaType: event.value.mediaType });
    }
    case 'end':
      return { ...timeline, endedAt: at, timings: event.timings };
    case 'preview':
      return timeline;
  }
}

/** Returns the span of an item; a new one begins where the one before ended. */
function openSpan({ spans, startedAt }: Timeline, kind: Span['kind'], item: number, at: number): Span {
  const found = spans.find((span) => span.item === item && span.kind === kind);
  const start = spans.at(-1)?.end ?? startedAt ?? at;
  return found ?? { kind, item, start, end: at, pieces: [], steps: [], numSteps: 0 };
}

function withSpan(timeline: Timeline, span: Span): Timeline {
  const others = timeline.spans.filter(({ item, kind }) => item !== span.item || kind !== span.kind);
  return { ...timeline, spans: [...others, span] };
}

/** A share of the time of a reply. */
export interface TimeShare {
  readonly name: string;
  readonly milliseconds: number;
}

/** Returns where the time went: as the backend measured it, or as the page saw it. */
export function timeShares({ spans, startedAt = 0, timings }: Timeline): TimeShare[] {
  const measured = Object.entries(timings ?? {}).map(([name, milliseconds]) => ({
    name: name.replace(/_ms$/, '').replaceAll('_', ' '),
    milliseconds,
  }));
  const seen = (): TimeShare[] => {
    const sum = (parts: readonly number[]): number => parts.reduce((a, b) => a + b, 0);
    const texts = spans.filter(({ kind }) => kind === 'text');
    const values = spans.filter(({ kind }) => kind === 'value');
    return [
      { name: 'queue', milliseconds: startedAt },
      { name: 'tokens', milliseconds: sum(texts.map(({ start, end }) => end - start)) },
      {
        name: 'denoising',
        milliseconds: sum(values.map(({ start, end, steps }) => (steps.at(-1)?.at ?? end) - start)),
      },
      {
        name: 'decoding',
        milliseconds: sum(values.map(({ end, steps }) => end - (steps.at(-1)?.at ?? end))),
      },
    ];
  };
  return (measured.length > 0 ? measured : seen()).filter(({ milliseconds }) => milliseconds > 0);
}
