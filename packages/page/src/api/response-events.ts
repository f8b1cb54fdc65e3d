/** Translation of the server's events into the page's. */
import { BackendError, type GenerationEvent, type Timings } from './backend.js';
import { fromBase64, imageTypeOf } from './base64.js';

/** The events that the page reads; the server sends more. */
type ServerEvent =
  | { readonly type: 'response.created'; readonly response: { readonly model: string } }
  | { readonly type: 'response.output_text.delta'; readonly output_index: number; readonly delta: string }
  | {
      readonly type: 'response.image_generation_call.generating';
      readonly output_index: number;
      readonly step: number;
      readonly num_steps: number;
      readonly timestep?: number;
    }
  | {
      readonly type: 'response.image_generation_call.partial_image';
      readonly output_index: number;
      readonly partial_image_b64: string;
    }
  | { readonly type: 'response.output_item.done'; readonly output_index: number; readonly item: ServerItem }
  | { readonly type: 'response.completed' | 'response.incomplete'; readonly response: ServerResponse };

type ServerItem =
  | { readonly type: 'message' }
  | { readonly type: 'image_generation_call'; readonly result: string }
  | { readonly type: 'output_file'; readonly media_type: string; readonly result: string };

interface ServerResponse {
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number } | null;
  readonly timings?: Timings | null;
}

/** Returns the event for the data of a server-sent event; undefined for one that the page has no use for. */
export function generationEvent(data: string): GenerationEvent | undefined {
  const event = parse(data);
  switch (event.type) {
    case 'response.created':
      return { type: 'start', model: event.response.model };
    case 'response.output_text.delta':
      return { type: 'text', item: event.output_index, text: event.delta };
    case 'response.image_generation_call.generating': {
      const { output_index: item, step, num_steps: numSteps, timestep } = event;
      return { type: 'step', item, step, numSteps, timestep };
    }
    case 'response.image_generation_call.partial_image':
      return { type: 'preview', item: event.output_index, value: imageOf(event.partial_image_b64) };
    case 'response.output_item.done':
      return valueEvent(event.output_index, event.item);
    case 'response.completed':
    case 'response.incomplete': {
      const { usage, timings } = event.response;
      return {
        type: 'end',
        reason: event.type === 'response.completed' ? 'stop' : 'length',
        usage: usage ? { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens } : undefined,
        timings: timings ?? undefined,
      };
    }
    default:
      return undefined;
  }
}

function valueEvent(item: number, value: ServerItem): GenerationEvent | undefined {
  if (value.type === 'image_generation_call') return { type: 'value', item, value: imageOf(value.result) };
  if (value.type !== 'output_file') return undefined;
  return { type: 'value', item, value: { mediaType: value.media_type, bytes: fromBase64(value.result) } };
}

function imageOf(base64: string) {
  const bytes = fromBase64(base64);
  return { mediaType: imageTypeOf(bytes), bytes };
}

/** @throws BackendError for what is not JSON, and for the server's error event */
function parse(data: string): ServerEvent {
  let event: ServerEvent & { readonly error?: { readonly message?: string } };
  try {
    event = JSON.parse(data) as typeof event;
  } catch {
    throw new BackendError('failed', `The server sent an event that is not JSON: ${data.slice(0, 80)}`);
  }
  if (event.error) throw new BackendError('failed', event.error.message ?? 'The server failed.');
  return event;
}
