import type { ImageModelV3, LanguageModelV3, ProviderV3, SpeechModelV3 } from '@ai-sdk/provider';
import { noSuchModelError } from './ai-sdk-errors.js';

/** A provider of the AI SDK, of specification v3; a call of it returns a language model. */
export interface TransfusionProvider extends ProviderV3 {
  /** Same as `languageModel`. */
  (modelId: string): LanguageModelV3;
  /** Returns a model for `generateText` and `streamText`; it reads images, and generates text and images. */
  languageModel(modelId: string): LanguageModelV3;
  /** Returns a model for `generateImage`: from text, and with images to edit or to inpaint. */
  imageModel(modelId: string): ImageModelV3;
  /** Returns a model for `experimental_generateSpeech`. */
  speechModel(modelId: string): SpeechModelV3;
}

/** Creates a provider from the functions that create its models. */
export function createProvider(
  models: Pick<TransfusionProvider, 'languageModel' | 'imageModel' | 'speechModel'>,
): TransfusionProvider {
  return Object.assign((modelId: string) => models.languageModel(modelId), {
    specificationVersion: 'v3' as const,
    ...models,
    embeddingModel: (modelId: string): never => {
      throw noSuchModelError(
        `transfusion: found the embedding model '${modelId}', expected a language, image or speech model. ` +
          'Take embeddings from another provider.',
        modelId,
        'embeddingModel',
      );
    },
  });
}
