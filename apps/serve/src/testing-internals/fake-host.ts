/** A model for tests of the server: it repeats words, fills images with a color, and records what it was asked for. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import {
  InferenceError,
  type InferenceEvent,
  type InferenceRequest,
  type InferenceUsage,
  type ModelHost,
  type ModelInfo,
} from '../inference/model-host.js';

/** Behavior of a fake model. */
export interface FakeHostOptions {
  readonly name?: string;
  /** Undefined for a model that is being loaded. */
  readonly info?: ModelInfo | undefined;
  /** Time between events in milliseconds; defaults to 0. */
  readonly interval?: number;
  /** Error after so many events. */
  readonly failure?: { readonly error: InferenceError; readonly after: number };
}

/** An output that the model was asked for. */
export interface Submission {
  readonly request: InferenceRequest;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Time of the signal's abortion (`performance.now()`). */
  abortedAt: number | undefined;
}

/** A fake model, which can be held. */
export interface FakeHost extends ModelHost {
  readonly submissions: Submission[];
  /** Requests wait until the returned function is called. */
  hold(): () => void;
}

const defaultInfo: ModelInfo = {
  mediaTypes: ['text', 'image', 'audio'],
  imageSizes: [
    [32, 32],
    [64, 32],
  ],
  denoising: {
    schedulers: ['ddpm', 'ddim'],
    scheduler: 'ddpm',
    numInferenceSteps: 50,
    guidanceScale: 3,
    noiseSchedule: [
      [999, 1],
      [0, 0.1],
    ],
  },
};

/** Creates a fake model. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const submissions: Submission[] = [];
  let gate: Promise<void> = Promise.resolve();
  return {
    name: options.name ?? 'fake',
    info: 'info' in options ? options.info : defaultInfo,
    state: { numRequests: 0, numRows: 0, cacheBytes: 1024, residentBytes: 0, numTicks: 12, rowsPerTick: 0 },
    submissions,
    hold() {
      let release!: () => void;
      gate = new Promise((resolve) => (release = resolve));
      return release;
    },
    submit(request, signals) {
      return signals.map((signal, index) => {
        const submission: Submission = { request, seed: request.seeds[index], signal, abortedAt: undefined };
        submissions.push(submission);
        signal.addEventListener('abort', () => (submission.abortedAt = performance.now()), { once: true });
        return paced(options, gate, submission);
      });
    },
    close: async () => undefined,
  };
}

async function* paced(
  { interval = 0, failure }: FakeHostOptions,
  gate: Promise<void>,
  { request, seed, signal }: Submission,
): AsyncGenerator<InferenceEvent, undefined> {
  await Promise.race([gate, once(signal, 'abort')]);
  signal.throwIfAborted();
  let numEvents = 0;
  for await (const event of eventsOf(request, seed)) {
    if (numEvents++ === failure?.after) throw failure.error;
    signal.throwIfAborted();
    yield event;
    await sleep(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function* eventsOf(request: InferenceRequest, seed: number): AsyncGenerator<InferenceEvent> {
  const text = promptText(request);
  const usage = { ...none, promptTokens: text.split(' ').length };
  yield { type: 'start', usage };
  switch (request.output) {
    case 'text': {
      const words = text.split(/(?<= )/);
      const { maxTokens = Infinity } = request.options;
      for (const word of words.slice(0, maxTokens)) yield { type: 'text', text: word };
      const generatedTokens = Math.min(words.length, maxTokens);
      const reason = words.length > maxTokens ? 'length' : 'stop';
      yield { type: 'end', reason, usage: { ...usage, generatedTokens } };
      return;
    }
    case 'image':
      yield* imageEvents(request, seed);
      yield { type: 'end', reason: 'stop', usage: { ...usage, generatedSpanPositions: 16 } };
      return;
    case 'audio':
      yield { type: 'file', mediaType: 'audio/wav', bytes: Buffer.from(`RIFF0000WAVE${text}`) };
      yield { type: 'end', reason: 'stop', usage: { ...usage, generatedSpanPositions: 8 } };
      return;
    case 'document':
      yield { type: 'text', text: 'Here ' };
      yield { type: 'text', text: 'it is: ' };
      yield* imageEvents(request, seed);
      yield { type: 'text', text: 'done' };
      yield {
        type: 'end',
        reason: 'stop',
        usage: { ...usage, generatedTokens: 3, generatedSpanPositions: 16 },
      };
  }
}

const none: InferenceUsage = {
  promptTokens: 0,
  promptSpanPositions: 0,
  generatedTokens: 0,
  generatedSpanPositions: 0,
};

function promptText({ prompt }: InferenceRequest): string {
  return prompt.map((part) => (part.type === 'text' ? part.text : `<${part.mediaType}>`)).join('');
}

async function* imageEvents(request: InferenceRequest, seed: number): AsyncGenerator<InferenceEvent> {
  const { size: [width, height] = [32, 32], numPreviews = 0 } = request;
  if (width * height > 64 * 64) throw new InferenceError('invalid', `size is ${width}x${height}.`, 'size');
  // The prompt and the seed matter.
  const red = [...promptText(request)].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 256;
  const background = { r: red, g: seed % 256, b: 0 };
  const create = { width, height, channels: 3 as const, background };
  const bytes = await sharp({ create }).png().toBuffer();
  const numSteps = numPreviews + 1;
  for (let index = 0; index < numPreviews; index++) {
    yield {
      type: 'denoise-step',
      mediaType: 'image/png',
      step: index + 1,
      numSteps,
      timestep: 999 - index,
      milliseconds: 5,
    };
    yield { type: 'preview', index, mediaType: 'image/png', bytes };
  }
  yield {
    type: 'denoise-step',
    mediaType: 'image/png',
    step: numSteps,
    numSteps,
    timestep: 0,
    milliseconds: 5,
  };
  yield { type: 'file', mediaType: 'image/png', bytes };
}
