/** A response as it is generated: its items open and close one after another. */
import type { InferenceEvent, InferenceUsage } from '../inference/model-host.js';
import { errorBody, type ApiError } from './api-error.js';
import { encodeBase64, type InlineFile } from './data-uri.js';
import type { ResponsesRequest } from './responses-request.js';
import type { ResponsesEvent, ResponsesResponse } from './responses-response.js';
import { toMediaUsage } from './usage.js';

/** The fields that a response has from the beginning. */
export interface ResponsesHeader {
  /** Part of all identifiers. */
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly request: ResponsesRequest;
}

type Item = ResponsesResponse['output'][number];
type MessageItem = Extract<Item, { type: 'message' }>;
type ImageItem = Extract<Item, { type: 'image_generation_call' }>;

/** An event without its number. */
type Unnumbered<Event = ResponsesEvent> = Event extends unknown ? Omit<Event, 'sequence_number'> : never;

/** A response that grows by the events of the model. */
export interface GrowingResponse {
  /** Returns the server-sent events for an event of the model. */
  observe(event: InferenceEvent): ResponsesEvent[];
  /** Returns the last server-sent event of a response that fails. */
  fail(error: ApiError): ResponsesEvent;
  /** Returns the response so far. */
  readonly response: ResponsesResponse;
}

/** Creates a response without items. */
export function growingResponse(header: ResponsesHeader): GrowingResponse {
  let response = responseOf(header);
  // Items are replaced when they change: events have them as they were.
  const output: Item[] = [];
  let events: ResponsesEvent[] = [];
  let numEvents = 0;
  let openMessage: MessageItem | undefined;
  let openImage: ImageItem | undefined;

  const emit = (event: Unnumbered): void => {
    events.push({ ...event, sequence_number: numEvents++ } as ResponsesEvent);
  };
  const responseSoFar = (): ResponsesResponse => ({ ...response, output: [...output] });
  /** Returns the place of the last item, which is the only one that may be open. */
  const place = () => ({ item_id: output.at(-1)!.id, output_index: output.length - 1 });
  const add = <Added extends Item>(item: Added): Added => {
    output.push(item);
    emit({ type: 'response.output_item.added', output_index: output.length - 1, item });
    return item;
  };
  const replace = <Replaced extends Item>(item: Replaced): Replaced => {
    output[output.length - 1] = item;
    return item;
  };
  const finish = (item: Item): void => {
    replace(item);
    emit({ type: 'response.output_item.done', output_index: output.length - 1, item });
  };
  const id = (prefix: string): string => `${prefix}_${header.id}_${output.length}`;

  const message = (): MessageItem => {
    if (openMessage !== undefined) return openMessage;
    const empty = add({
      type: 'message',
      id: id('msg'),
      role: 'assistant',
      status: 'in_progress',
      content: [],
    });
    const part = { type: 'output_text' as const, text: '', annotations: [] };
    emit({ type: 'response.content_part.added', ...place(), content_index: 0, part });
    return (openMessage = replace({ ...empty, content: [part] }));
  };
  const addText = (text: string): void => {
    const open = message();
    const [part] = open.content;
    openMessage = replace({ ...open, content: [{ ...part, text: part.text + text }] });
  };
  const closeMessage = (status: 'completed' | 'incomplete' = 'completed'): void => {
    if (openMessage === undefined) return;
    const [part] = openMessage.content;
    const where = { ...place(), content_index: 0 };
    emit({ type: 'response.output_text.done', ...where, text: part.text, logprobs: [] });
    emit({ type: 'response.content_part.done', ...where, part });
    finish({ ...openMessage, status });
    openMessage = undefined;
  };
  const image = (): ImageItem => {
    if (openImage !== undefined) return openImage;
    closeMessage();
    const added = add({ type: 'image_generation_call', id: id('ig'), status: 'in_progress', result: null });
    emit({ type: 'response.image_generation_call.in_progress', ...place() });
    return (openImage = replace({ ...added, status: 'generating' }));
  };
  const addFile = ({ mediaType, bytes }: InlineFile): void => {
    const result = encodeBase64(bytes);
    if (isImage({ mediaType })) {
      const item = image();
      emit({ type: 'response.image_generation_call.completed', ...place() });
      finish({ ...item, status: 'completed', result });
      openImage = undefined;
    } else {
      closeMessage();
      const added = add({
        type: 'output_file',
        id: id('file'),
        status: 'in_progress',
        media_type: mediaType,
        result: null,
      });
      finish({ ...added, status: 'completed', result });
    }
  };

  const take = (event: InferenceEvent): void => {
    switch (event.type) {
      case 'start':
        emit({ type: 'response.created', response: responseSoFar() });
        return emit({ type: 'response.in_progress', response: responseSoFar() });
      case 'text': {
        addText(event.text);
        const where = { ...place(), content_index: 0 };
        return emit({ type: 'response.output_text.delta', ...where, delta: event.text, logprobs: [] });
      }
      case 'denoise-step': {
        if (!isImage(event)) return;
        const { step, numSteps } = event;
        image();
        return emit({
          type: 'response.image_generation_call.generating',
          ...place(),
          step,
          num_steps: numSteps,
        });
      }
      case 'preview':
        if (!isImage(event)) return;
        image();
        return emit({
          type: 'response.image_generation_call.partial_image',
          ...place(),
          partial_image_index: event.index,
          partial_image_b64: encodeBase64(event.bytes),
        });
      case 'file':
        return addFile(event);
      case 'end': {
        const isWhole = event.reason === 'stop';
        closeMessage(isWhole ? 'completed' : 'incomplete');
        response = {
          ...response,
          status: isWhole ? 'completed' : 'incomplete',
          incomplete_details: isWhole ? null : { reason: 'max_output_tokens' },
          usage: toResponsesUsage(event.usage),
        };
        return emit({
          type: isWhole ? 'response.completed' : 'response.incomplete',
          response: responseSoFar(),
        });
      }
    }
  };

  return {
    observe: (event) => {
      events = [];
      take(event);
      return events;
    },
    fail: (error) => {
      const body = errorBody(error);
      const { code, message: text, param } = body.error;
      return { type: 'error', sequence_number: numEvents++, code, message: text, param, ...body };
    },
    get response() {
      return responseSoFar();
    },
  };
}

/** Returns true for what belongs to an image: other values are no calls of the tool, and have no progress here. */
function isImage({ mediaType }: Pick<InlineFile, 'mediaType'>): boolean {
  return mediaType.startsWith('image/');
}

function responseOf({ id, created, model, request }: ResponsesHeader): ResponsesResponse {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status: 'in_progress',
    model,
    output: [],
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: false,
    temperature: request.temperature ?? 1,
    top_p: request.top_p ?? 1,
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).map(({ type }) => ({ type })),
    usage: null,
  };
}

function toResponsesUsage(usage: InferenceUsage): NonNullable<ResponsesResponse['usage']> {
  const { input_tokens, output_tokens, total_tokens } = toMediaUsage(usage);
  return {
    input_tokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens,
  };
}
