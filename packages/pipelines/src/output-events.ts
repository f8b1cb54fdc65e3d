/** Outputs of a request as events, of any generator of documents; without TensorFlow.js. */
import {
  hasTextValues,
  type DocumentModel,
  type GenerationRequest,
  type RequestEvent,
} from '@transfusion/core/documents';
import {
  decodeIds,
  decodeLatents,
  encodeDocument,
  previewLatent,
  type ContinuousModality,
  type DiscreteModality,
  type EncodedDocument,
  type Latent,
  type Modality,
  type ModalityRegistry,
  type Segment,
  type SegmentOf,
  type Shape,
} from '@transfusion/modality';
import { encodeNegativePrompts } from './encode-negative-prompts.js';
import type { GenerateRequest } from './generate.js';
import { checkRequestFields, generationRequest, type EncodedRequest } from './generation-request.js';
import { oneATurn } from './one-a-turn.js';
import { textDeltas, type TextDeltas } from './text-deltas.js';

/** Numbers of elements of a sequence. */
export interface TokenUsage {
  /** Tokens, and positions of spans, in the prompt. */
  readonly promptTokens: number;
  readonly promptSpanPositions: number;
  /** Tokens, and positions of spans, that were generated. */
  readonly generatedTokens: number;
  readonly generatedSpanPositions: number;
}

/** Progress of an output; see `generateStream`. */
export type OutputEvent<M extends Modality = Modality> =
  /** The prompt is encoded, and the engine begins: see `maxRequests` of its options. */
  | { readonly type: 'start'; readonly usage: TokenUsage }
  /** More text, of a modality whose values are strings. */
  | { readonly type: 'text'; readonly modality: M['name']; readonly text: string }
  | {
      readonly type: 'denoise-step';
      readonly modality: M['name'];
      /** From 1. */
      readonly step: number;
      readonly numSteps: number;
      /** Timestep at which the model was called. */
      readonly timestep: number;
      /** Returns a rough value of what the model predicts; undefined if the modality's codec has no preview. */
      readonly preview: () => unknown;
    }
  /** A finished value, of any other modality. */
  | ({ readonly type: 'value' } & SegmentOf<M>)
  | {
      readonly type: 'end';
      /** `length` if the document was not finished when it reached a limit. */
      readonly reason: 'stop' | 'length';
      readonly usage: TokenUsage;
    };

/** Options of `generateStream`. */
export interface GenerateStreamOptions {
  /** Ends generation; the events end with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A request whose prompts are encoded, from which any number of outputs are generated; holds no values of the prompts. */
export interface PreparedStream<M extends Modality = Modality> {
  /** Numbers of elements of the prompt. */
  readonly usage: TokenUsage;
  /** Numbers of elements of the negative prompt. */
  readonly negativeUsage: TokenUsage;
  /**
   * Generates an output.
   *
   * @param options.seed defaults to the request's
   * @throws TransfusionError as `generate`
   */
  start(options?: GenerateStreamOptions & { readonly seed?: number }): AsyncGenerator<OutputEvent<M>, void>;
}

/** Generates documents of a model, as `GenerationEngine` does. */
export interface DocumentGenerator {
  readonly model: DocumentModel;
  submit(
    request: GenerationRequest,
    options?: { readonly signal?: AbortSignal; readonly onStart?: () => void },
  ): AsyncIterableIterator<RequestEvent>;
}

/**
 * Encodes the prompts of a request once, for several outputs.
 *
 * @throws TransfusionError `not-found` for an unknown modality, `invalid-record` for a value that its modality does not
 *   accept, `invalid-argument` for an unknown option
 */
export async function prepareOutputs(
  generator: DocumentGenerator,
  request: GenerateRequest,
): Promise<PreparedStream> {
  return preparedStream(generator, await encodePrompts(generator.model.modalities, request));
}

async function encodePrompts(
  modalities: ModalityRegistry,
  request: GenerateRequest,
): Promise<EncodedRequest> {
  checkRequestFields(request);
  const encode = () => encodeDocument(modalities, { segments: request.prompt });
  const prompt = await (hasLatents(modalities, request.prompt) ? oneATurn(encode) : encode());
  const [negativePrompt] = await encodeNegativePrompts(modalities, [
    { segments: request.negativePrompt ?? [] },
  ]);
  return { ...request, prompt, negativePrompt };
}

function preparedStream({ model, submit }: DocumentGenerator, request: EncodedRequest): PreparedStream {
  const { modalities } = model;
  const coreRequest = generationRequest(modalities, request);
  const usage = promptUsage(modalities, request.prompt);
  return {
    usage,
    negativeUsage: promptUsage(modalities, request.negativePrompt ?? []),
    async *start({ signal, seed = coreRequest.seed } = {}) {
      let onStart: (() => void) | undefined;
      const started = new Promise<void>((resolve) => (onStart = resolve));
      const events = submit({ ...coreRequest, seed }, { signal, onStart });
      try {
        // The first event, which comes later, or the reason why there will be none.
        const first = events.next();
        await Promise.race([started, first]);
        yield { type: 'start', usage };
        yield* outputEvents(modalities, request, afterFirst(first, events), { ...usage });
      } finally {
        await events.return?.();
      }
    },
  };
}

async function* afterFirst(
  first: Promise<IteratorResult<RequestEvent>>,
  rest: AsyncIterable<RequestEvent>,
): AsyncGenerator<RequestEvent, void> {
  const { done, value } = await first;
  if (done === true) return;
  yield value;
  yield* rest;
}

async function* outputEvents(
  modalities: ModalityRegistry,
  request: EncodedRequest,
  events: AsyncIterable<RequestEvent>,
  usage: { -readonly [Name in keyof TokenUsage]: TokenUsage[Name] },
): AsyncGenerator<OutputEvent, void> {
  /** Tokens of one modality without a break. */
  let run:
    { readonly modality: DiscreteModality; readonly ids: number[]; readonly text?: TextDeltas } | undefined;
  const endRun = async (stopped: boolean): Promise<OutputEvent[]> => {
    if (run === undefined) return [];
    const { modality, ids, text } = run;
    run = undefined;
    if (text !== undefined) return textEvent(modality.name, text.end(stopped));
    return [
      {
        type: 'value',
        modality: modality.name,
        value: await decodeIds(modality, Int32Array.from(ids), 'generate'),
      },
    ];
  };
  let shape: Shape = [];
  for await (const event of events) {
    if (event.type === 'token') {
      usage.generatedTokens++;
      if (run?.modality.name !== event.modality) {
        yield* await endRun(false);
        const modality = modalities.get(event.modality) as DiscreteModality;
        run = {
          modality,
          ids: [],
          text: hasTextValues(modality) ? textDeltas(modality, request.stop) : undefined,
        };
      }
      run!.ids.push(event.id);
      if (run!.text !== undefined) yield* textEvent(event.modality, await run!.text.push(event.id));
    } else if (event.type === 'span-start') {
      shape = event.latentShape;
      yield* await endRun(false);
    } else if (event.type === 'denoise-step') {
      const { modality, step, numSteps, timestep, predOriginalSample: data } = event;
      const continuous = modalities.get(modality) as ContinuousModality;
      const latent: Latent = { shape, data };
      yield {
        type: 'denoise-step',
        modality,
        step,
        numSteps,
        timestep,
        preview: () => previewLatent(continuous, latent, 'generate'),
      };
    } else if (event.type === 'span-end') {
      const { modality: name, latent: data } = event;
      const modality = modalities.get(name) as ContinuousModality;
      usage.generatedSpanPositions += modality.spanLength(shape);
      const [value] = await oneATurn(() => decodeLatents(modality, [{ shape, data }], ['generate']));
      yield { type: 'value', modality: name, value };
    } else {
      yield* await endRun(event.reason === 'stop');
      const isCut = event.reason === 'max-tokens' && !hasFixedLength(modalities, request.output);
      yield { type: 'end', reason: isCut ? 'length' : 'stop', usage };
    }
  }
}

function textEvent(modality: string, text: string): OutputEvent[] {
  return text === '' ? [] : [{ type: 'text', modality, text }];
}

/** Returns true for values that codecs encode; a modality that is not there is refused later. */
function hasLatents({ modalities }: ModalityRegistry, segments: readonly Segment[]): boolean {
  return segments.some(({ modality: name }) =>
    modalities.some((modality) => modality.name === name && modality.kind === 'continuous'),
  );
}

/** Returns true for a modality whose values all have the same number of tokens. */
function hasFixedLength({ modalities }: ModalityRegistry, output: string): boolean {
  const modality = modalities.find(({ name }) => name === output);
  return modality?.kind === 'discrete' && modality.tokensPerValue !== undefined;
}

function promptUsage(modalities: ModalityRegistry, prompt: EncodedDocument): TokenUsage {
  let [promptTokens, promptSpanPositions] = [0, 0];
  for (const segment of prompt) {
    if ('ids' in segment) promptTokens += segment.ids.length;
    else {
      const modality = modalities.get(segment.modality) as ContinuousModality;
      promptSpanPositions += modality.spanLength(segment.latent.shape);
    }
  }
  return { promptTokens, promptSpanPositions, generatedTokens: 0, generatedSpanPositions: 0 };
}
