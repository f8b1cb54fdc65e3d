/** A reply, while it arrives and after. */
import type { GenerationEvent } from '../api/backend.js';
import { emptyTimeline, withEvent, type Timeline } from '../timeline/timeline.js';
import type { Settings } from './settings.js';

/** A text, or a value that is being denoised or finished. */
export type Part =
  | { readonly type: 'text'; readonly item: number; readonly text: string }
  | {
      readonly type: 'value';
      readonly item: number;
      readonly step: number;
      readonly numSteps: number;
      /** A rough version, until the file is there. */
      readonly preview?: Blob;
      /** The finished file. */
      readonly file?: Blob;
    };

/** State of a reply; `stopped` by the reader, `failed` for any other reason. */
export type ReplyStatus = 'waiting' | 'running' | 'done' | 'stopped' | 'failed';

/** A reply. */
export interface Reply {
  readonly id: string;
  /** Time of the request in milliseconds. */
  readonly createdAt: number;
  /** Settings of the request: with a seed, and with the model's name. */
  readonly settings: Settings & { readonly seed: number };
  /** Number of images that were in the prompt, which settings do not have. */
  readonly numImages: number;
  /** True if it was generated in this browser; undefined in replies of former versions of the page. */
  readonly isInBrowser?: boolean;
  readonly status: ReplyStatus;
  /** True if a limit cut the reply. */
  readonly isCut: boolean;
  readonly parts: readonly Part[];
  readonly timeline: Timeline;
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly error?: string;
}

/** Returns a reply that has just been asked for. */
export function startReply(settings: Reply['settings'], numImages: number, isInBrowser = false): Reply {
  return {
    id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
    createdAt: Date.now(),
    settings,
    numImages,
    isInBrowser,
    status: 'waiting',
    isCut: false,
    parts: [],
    timeline: emptyTimeline,
  };
}

/** Returns the reply with an event, `at` milliseconds after the request. */
export function withReplyEvent(reply: Reply, event: GenerationEvent, at: number): Reply {
  const timeline = withEvent(reply.timeline, event, at);
  if (event.type === 'start') {
    const settings = { ...reply.settings, model: event.model };
    return { ...reply, timeline, settings, status: 'running' };
  }
  if (event.type === 'end') {
    return { ...reply, timeline, status: 'done', isCut: event.reason === 'length', usage: event.usage };
  }
  return { ...reply, timeline, parts: withPart(reply.parts, event) };
}

type PartEvent = Extract<GenerationEvent, { readonly item: number }>;

function withPart(parts: readonly Part[], event: PartEvent): Part[] {
  const { item } = event;
  const others = parts.filter((part) => part.item !== item);
  const found = parts.find((part) => part.item === item);
  if (event.type === 'text') {
    const before = found?.type === 'text' ? found.text : '';
    return [...others, { type: 'text', item, text: before + event.text }];
  }
  const value = found?.type === 'value' ? found : { type: 'value' as const, item, step: 0, numSteps: 0 };
  if (event.type === 'step') return [...others, { ...value, step: event.step, numSteps: event.numSteps }];
  const file = new Blob([event.value.bytes], { type: event.value.mediaType });
  if (event.type === 'preview') return [...others, { ...value, preview: file }];
  return [...others, { ...value, preview: undefined, file }];
}

/** Returns true for a reply that goes on. */
export function isRunning(reply: Reply | undefined): boolean {
  return reply?.status === 'waiting' || reply?.status === 'running';
}

/** Returns only what is finished of a reply; undefined if nothing is. */
export function finishedReply(reply: Reply): Reply | undefined {
  const parts = reply.parts.filter((part) => (part.type === 'text' ? part.text.trim() !== '' : part.file));
  const hasAny = parts.some(({ type }) => type === 'value') || (reply.status === 'done' && parts.length > 0);
  return hasAny ? { ...reply, parts } : undefined;
}
