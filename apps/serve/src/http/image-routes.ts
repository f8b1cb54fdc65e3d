/** `POST /v1/images/generations` and `POST /v1/images/edits` */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { PromptPart } from '../inference/model-host.js';
import { InferenceError, type InferenceEvent, type InferenceUsage } from '../inference/model-host.js';
import type { InlineFile } from '../openai/data-uri.js';
import {
  imageEditRequest,
  imageGenerationRequest,
  imageInferenceRequest,
  type ImageGenerationRequest,
} from '../openai/image-request.js';
import {
  completedImageEvent,
  imageEvent,
  imagesBody,
  imagesResponse,
  partialImageEvent,
  type EncodedImage,
  type ImageEventHeader,
} from '../openai/image-response.js';
import { merge } from './async-iteration.js';
import { editFiles } from './edit-files.js';
import { sendEventStream, serverSentEvent } from './event-stream.js';
import { startGeneration } from './generation.js';
import { acceptForms, readFormBody } from './multipart-body.js';
import { describeRoute } from './openapi.js';
import { encodeImage } from './output-image.js';
import { unixTime, type ServerContext } from './server-context.js';

type Output = AsyncGenerator<InferenceEvent>;
type Encode = (file: InlineFile) => Promise<EncodedImage>;

const responses = { json: imagesResponse, events: imageEvent };

/** Adds the route for new images. */
export function addImageGenerationRoute(app: FastifyInstance, context: ServerContext): void {
  const schema = {
    ...describeRoute('Images', 'Generates images from a text.', responses),
    body: imageGenerationRequest,
  };
  app
    .withTypeProvider<ZodTypeProvider>()
    .post('/v1/images/generations', { schema }, (request, reply) =>
      respond(context, request, reply, request.body, 'image_generation', async () => []),
    );
}

/** Adds the route for edits, and lets `app` read forms. */
export async function addImageEditRoute(app: FastifyInstance, context: ServerContext): Promise<void> {
  await acceptForms(app, context.limits);
  const schema = {
    ...describeRoute('Images', 'Edits images by a text, or generates the masked part of one.', responses),
    consumes: ['multipart/form-data'],
    body: imageEditRequest,
  };
  const preValidation = readFormBody(imageEditRequest, context.limits);
  app
    .withTypeProvider<ZodTypeProvider>()
    .post('/v1/images/edits', { schema, preValidation }, (request, reply) =>
      respond(context, request, reply, request.body, 'image_edit', () =>
        editFiles(request.body, context.limits),
      ),
    );
}

/** Files are read after admission, so that a burst of requests is refused before there is work for it. */
async function respond(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  body: ImageGenerationRequest,
  action: ImageEventHeader['action'],
  readFiles: () => Promise<PromptPart[]>,
) {
  const generation = startGeneration(context, request, reply, body);
  const created = unixTime();
  const encode: Encode = (file) =>
    encodeImage(file, body.output_format ?? 'png', body.output_compression ?? 100);
  try {
    const files = await readFiles();
    const outputs = generation.submit(imageInferenceRequest(body, files, generation.seeds));
    if (body.stream) {
      const events = imageEvents({ action, created }, outputs, encode);
      return await sendEventStream(reply, events, context.limits.heartbeatInterval);
    }
    const images = await Promise.all(outputs.map((output) => finishedImage(output, encode)));
    return imagesBody(
      created,
      images.map(({ image }) => image),
      images.map(({ usage }) => usage),
      body.response_format,
    );
  } catch (error) {
    generation.fail(error);
    throw error;
  }
}

async function finishedImage(
  output: Output,
  encode: Encode,
): Promise<{ readonly image: EncodedImage; readonly usage: InferenceUsage }> {
  let file: InlineFile | undefined;
  let usage: InferenceUsage | undefined;
  for await (const event of output) {
    if (event.type === 'file') file = event;
    if (event.type === 'end') usage = event.usage;
  }
  if (file === undefined || usage === undefined) throw withoutImage();
  return { image: await encode(file), usage };
}

async function* imageEvents(
  { action, created }: Omit<ImageEventHeader, 'imageIndex'>,
  outputs: readonly Output[],
  encode: Encode,
): AsyncGenerator<string> {
  const files = new Map<number, InlineFile>();
  for await (const [index, event] of merge(outputs)) {
    const header = { action, created, imageIndex: outputs.length > 1 ? index : undefined };
    if (event.type === 'preview') {
      const partial = partialImageEvent(header, await encode(event), event.index);
      yield serverSentEvent(partial, partial.type);
    } else if (event.type === 'file') {
      files.set(index, event);
    } else if (event.type === 'end') {
      const file = files.get(index);
      if (file === undefined) throw withoutImage();
      const completed = completedImageEvent(header, await encode(file), event.usage);
      yield serverSentEvent(completed, completed.type);
    }
  }
}

function withoutImage(): InferenceError {
  return new InferenceError('internal', 'an output that is an image ended without a file');
}
