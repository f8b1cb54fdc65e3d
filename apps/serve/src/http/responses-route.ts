/** `POST /v1/responses` */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { InferenceEvent } from '../inference/model-host.js';
import { growingResponse, type GrowingResponse } from '../openai/responses-events.js';
import { responsesMask, responsesPrompt } from '../openai/responses-prompt.js';
import { responsesInferenceRequest, responsesRequest, type ImageTool } from '../openai/responses-request.js';
import { responsesEvent, responsesResponse } from '../openai/responses-response.js';
import { sendEventStream, serverSentEvent } from './event-stream.js';
import { startGeneration } from './generation.js';
import { describeRoute } from './openapi.js';
import { inFormat } from './output-image.js';
import { checkedPrompt } from './prompt-files.js';
import { unixTime, type ServerContext } from './server-context.js';

/** Adds the route. */
export function addResponsesRoute(app: FastifyInstance, context: ServerContext): void {
  const schema = {
    ...describeRoute('Responses', 'Generates a reply of texts and images, with previews of images.', {
      json: responsesResponse,
      events: responsesEvent,
    }),
    body: responsesRequest,
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/responses', { schema }, async (request, reply) => {
    const { body } = request;
    const generation = startGeneration(context, request, reply, body);
    try {
      const { parts, mask } = await checkedPrompt(responsesPrompt(body), context.limits, responsesMask(body));
      const [output] = generation.submit(responsesInferenceRequest(body, parts, mask, generation.seeds));
      const events = imagesInFormat(output, body.tools?.[0]);
      const growing = growingResponse({
        id: request.id,
        created: unixTime(),
        model: generation.model,
        request: body,
      });
      if (body.stream) {
        const streamed = streamedEvents(growing, events);
        return await sendEventStream(reply, streamed, context.limits.heartbeatInterval, (error) => {
          const event = growing.fail(error);
          return serverSentEvent(event, event.type);
        });
      }
      for await (const event of events) growing.observe(event);
      return growing.response;
    } catch (error) {
      generation.fail(error);
      throw error;
    }
  });
}

async function* streamedEvents(
  growing: GrowingResponse,
  events: AsyncIterable<InferenceEvent>,
): AsyncGenerator<string> {
  for await (const event of events) {
    for (const next of growing.observe(event)) yield serverSentEvent(next, next.type);
  }
}

/** Yields events, images in the format that the request asks for. */
async function* imagesInFormat(
  events: AsyncIterable<InferenceEvent>,
  { output_format: format = 'png', output_compression: quality = 100 }: Partial<ImageTool> = {},
): AsyncGenerator<InferenceEvent> {
  for await (const event of events) {
    const hasFile = event.type === 'file' || event.type === 'preview';
    if (hasFile && event.mediaType.startsWith('image/')) {
      yield { ...event, ...(await inFormat(event, format, quality)) };
    } else yield event;
  }
}
