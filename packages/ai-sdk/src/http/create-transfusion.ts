import { createLanguageModel } from '../create-language-model.js';
import { createProvider, type TransfusionProvider } from '../transfusion-provider.js';
import { chatReply } from './chat-reply.js';
import { chatRequest } from './chat-request.js';
import { httpImageModel } from './http-image-model.js';
import { httpSpeechModel } from './http-speech-model.js';
import { post, type ServerSettings } from './post.js';

/**
 * Creates a provider of the models of a Transfusion server, over HTTP.
 *
 * Its models throw `APICallError`s of the AI SDK, which retries those of a busy server (429, 503) after the time that the
 * server asks for. Replies are always streamed from the server, which keeps texts and images in order.
 */
export function createTransfusion(server: ServerSettings): TransfusionProvider {
  return createProvider({
    languageModel: (modelId) =>
      createLanguageModel('transfusion.chat', modelId, async (call, signal) => {
        const { body, warnings } = chatRequest(modelId, call);
        const request = { path: '/chat/completions', body, headers: call.headers, signal };
        const answer = await post(server, request);
        const { seed, headers } = answer;
        return { warnings, events: chatReply(answer), seed, requestBody: body, responseHeaders: headers };
      }),
    imageModel: (modelId) => httpImageModel('transfusion.image', modelId, server),
    speechModel: (modelId) => httpSpeechModel('transfusion.speech', modelId, server),
  });
}
