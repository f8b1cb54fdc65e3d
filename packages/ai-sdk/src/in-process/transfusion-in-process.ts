import type { TrainedModel } from '@transfusion/pipelines';
import { noSuchModelError } from '../ai-sdk-errors.js';
import { createLanguageModel } from '../create-language-model.js';
import { createProvider, type TransfusionProvider } from '../transfusion-provider.js';
import { documentReply } from './document-reply.js';
import { inProcessImageModel } from './in-process-image-model.js';
import { inProcessSpeechModel } from './in-process-speech-model.js';

/** Options of {@link transfusionInProcess}. */
export interface InProcessOptions {
  /** The only id that the provider has; defaults to `transfusion`. */
  readonly modelId?: string;
}

/**
 * Creates a provider of one model that runs in this process. It has the same interface as that of a server, and needs
 * `@transfusion/pipelines`, which is loaded with the first call.
 *
 * Requests at the same time share the model's engine. Without a seed, each call has a random one.
 *
 * @param trained a model with its parameters, as `@transfusion/pipelines` takes it
 */
export function transfusionInProcess(
  trained: TrainedModel,
  { modelId = 'transfusion' }: InProcessOptions = {},
): TransfusionProvider {
  const check = (id: string, type: 'languageModel' | 'imageModel' | 'speechModel'): void => {
    if (id === modelId) return;
    throw noSuchModelError(
      `transfusionInProcess: found the model '${id}', expected '${modelId}', the only one. ` +
        'Use that id, or choose another as option modelId.',
      id,
      type,
    );
  };
  return createProvider({
    languageModel: (id) => {
      check(id, 'languageModel');
      return createLanguageModel('transfusion.chat', id, (call, signal) =>
        documentReply(trained, id, call, signal),
      );
    },
    imageModel: (id) => {
      check(id, 'imageModel');
      return inProcessImageModel('transfusion.image', id, trained);
    },
    speechModel: (id) => {
      check(id, 'speechModel');
      return inProcessSpeechModel('transfusion.speech', id, trained);
    },
  });
}
