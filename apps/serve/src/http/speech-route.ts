/** `POST /v1/audio/speech` */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { InferenceError, type InferenceEvent } from '../inference/model-host.js';
import type { InlineFile } from '../openai/data-uri.js';
import { speechEvent, speechInferenceRequest, speechRequest, speechStreamEvent } from '../openai/speech.js';
import { sendEventStream, serverSentEvent } from './event-stream.js';
import { startGeneration } from './generation.js';
import { describeRoute } from './openapi.js';
import type { ServerContext } from './server-context.js';

/** Adds the route. */
export function addSpeechRoute(app: FastifyInstance, context: ServerContext): void {
  const schema = {
    ...describeRoute('Audio', 'Generates speech; for models that generate audio.', {
      file: 'audio/*',
      events: speechEvent,
    }),
    body: speechRequest,
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/audio/speech', { schema }, async (request, reply) => {
    const { body } = request;
    const generation = startGeneration(context, request, reply, body);
    try {
      const [output] = generation.submit(speechInferenceRequest(body, generation.seeds));
      if (body.stream_format === 'sse') {
        return await sendEventStream(reply, speechEvents(output), context.limits.heartbeatInterval);
      }
      const file = await lastFile(output);
      return await reply.type(file.mediaType).send(file.bytes);
    } catch (error) {
      generation.fail(error);
      throw error;
    }
  });
}

async function lastFile(output: AsyncIterable<InferenceEvent>): Promise<InlineFile> {
  let file: InlineFile | undefined;
  for await (const event of output) if (event.type === 'file') file = event;
  if (file === undefined) throw withoutAudio();
  return file;
}

async function* speechEvents(output: AsyncIterable<InferenceEvent>): AsyncGenerator<string> {
  let hasFile = false;
  for await (const event of output) {
    hasFile ||= event.type === 'file';
    if (event.type === 'end' && !hasFile) throw withoutAudio();
    const streamed = speechStreamEvent(event);
    if (streamed !== undefined) yield serverSentEvent(streamed, streamed.type);
  }
}

function withoutAudio(): InferenceError {
  return new InferenceError('internal', 'an output that is audio ended without a file');
}
