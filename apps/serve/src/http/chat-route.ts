/** `POST /v1/chat/completions` */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { InferenceEvent, InferenceUsage } from '../inference/model-host.js';
import { chatPrompt } from '../openai/chat-prompt.js';
import { chatInferenceRequest, chatRequest } from '../openai/chat-request.js';
import {
  chatChunk,
  chatCompletion,
  chatEventChunk,
  chatResponse,
  chatUsageChunk,
  type ChatHeader,
} from '../openai/chat-response.js';
import { merge } from './async-iteration.js';
import { sendEventStream, serverSentEvent } from './event-stream.js';
import { startGeneration } from './generation.js';
import { describeRoute } from './openapi.js';
import { checkedPrompt } from './prompt-files.js';
import { unixTime, type ServerContext } from './server-context.js';

/** Adds the route. */
export function addChatRoute(app: FastifyInstance, context: ServerContext): void {
  const schema = {
    ...describeRoute('Chat', 'Generates a reply: a text, an image, or a document of both.', {
      json: chatResponse,
      events: chatChunk,
    }),
    body: chatRequest,
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/chat/completions', { schema }, async (request, reply) => {
    const { body } = request;
    const generation = startGeneration(context, request, reply, body);
    const header = { id: `chatcmpl-${request.id}`, created: unixTime(), model: generation.model };
    try {
      const { parts } = await checkedPrompt(chatPrompt(body.messages), context.limits);
      const outputs = generation.submit(chatInferenceRequest(body, parts, generation.seeds));
      if (!body.stream) {
        const events = await Promise.all(outputs.map((output) => collect(output)));
        return chatCompletion(header, events, body.content_format ?? 'string');
      }
      const events = chatEvents(header, outputs, body.stream_options?.include_usage ?? false);
      return await sendEventStream(reply, events, context.limits.heartbeatInterval);
    } catch (error) {
      generation.fail(error);
      throw error;
    }
  });
}

async function collect(output: AsyncIterable<InferenceEvent>): Promise<InferenceEvent[]> {
  const events: InferenceEvent[] = [];
  for await (const event of output) events.push(event);
  return events;
}

async function* chatEvents(
  header: ChatHeader,
  outputs: readonly AsyncIterator<InferenceEvent>[],
  includesUsage: boolean,
): AsyncGenerator<string> {
  const usages: InferenceUsage[] = [];
  for await (const [index, event] of merge(outputs)) {
    if (event.type === 'end') usages.push(event.usage);
    const chunk = chatEventChunk(header, index, event);
    if (chunk !== undefined) {
      yield serverSentEvent(includesUsage ? { ...chunk, usage: null } : chunk);
    }
  }
  if (includesUsage) yield serverSentEvent(chatUsageChunk(header, usages));
  yield 'data: [DONE]\n\n';
}
