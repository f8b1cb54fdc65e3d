/** Events of the model in the browser as the page has them. */
import type { ArrayValue, WebEvent } from '@transfusion/web';
import type { GenerationEvent, MediaValue } from '../api/backend.js';

/** Writes a value of a media type as a file. */
export type EncodeValue = (value: ArrayValue, mediaType: string | undefined) => Promise<MediaValue>;

/** Decoding a preview takes time from the next steps; they get at least this many times as much. */
const STEPS_PER_PREVIEW = 4;

/**
 * Translates the events of a reply.
 *
 * @param model name of the model
 * @param mediaTypeOf returns the media type of a modality's files
 */
export async function* generationEvents(
  events: AsyncIterable<WebEvent>,
  model: string,
  mediaTypeOf: (modality: string) => string | undefined,
  encode: EncodeValue,
  now: () => number = () => performance.now(),
): AsyncGenerator<GenerationEvent, void> {
  let item = 0;
  let isInText = false;
  let nextPreviewAt = 0;
  for await (const event of events) {
    if (event.type === 'start') yield { type: 'start', model };
    else if (event.type === 'text') {
      isInText = true;
      yield { type: 'text', item, text: event.text };
      continue;
    }
    if (isInText) item++;
    isInText = false;
    if (event.type === 'denoise-step') {
      const { step, numSteps, timestep } = event;
      yield { type: 'step', item, step, numSteps, timestep };
      const started = now();
      if (step === numSteps || started < nextPreviewAt) continue;
      const value = await encode(await event.preview(), mediaTypeOf(event.modality));
      nextPreviewAt = now() + STEPS_PER_PREVIEW * (now() - started);
      yield { type: 'preview', item, value };
    } else if (event.type === 'value') {
      yield { type: 'value', item: item++, value: await encode(event.value, event.mediaType) };
    } else if (event.type === 'end') {
      const { promptTokens, promptSpanPositions, generatedTokens, generatedSpanPositions } = event.usage;
      yield {
        type: 'end',
        reason: event.reason,
        usage: {
          inputTokens: promptTokens + promptSpanPositions,
          outputTokens: generatedTokens + generatedSpanPositions,
        },
      };
    }
  }
}
