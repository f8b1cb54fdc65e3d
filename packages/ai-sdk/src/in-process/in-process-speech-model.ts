import type { SpeechModelV3 } from '@ai-sdk/provider';
import type { TrainedModel } from '@transfusion/pipelines';
import { readProviderOptions, speechOptionNames } from '../provider-options.js';
import { seedMetadata } from '../seeds.js';
import { speechSettingWarnings } from '../speech-settings.js';
import { generateValue } from './generate-value.js';
import { modalityOfMedia, textModality } from './modality-of-media.js';
import { promptSegments } from './prompt-segments.js';
import { requestOptions } from './request-options.js';

/** Creates a speech model that runs in this process: the model's first modality whose files are `audio/*`. */
export function inProcessSpeechModel(
  provider: string,
  modelId: string,
  trained: TrainedModel,
): SpeechModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    doGenerate: async (call) => {
      call.abortSignal?.throwIfAborted();
      const timestamp = new Date();
      const { options, warnings } = readProviderOptions(call.providerOptions, speechOptionNames);
      const { seed: ownSeed, ...rest } = options;
      const { name, media } = modalityOfMedia(trained, 'audio');
      const { seed, ...shared } = requestOptions(rest, (await textModality(trained)).name, ownSeed);
      const prompt = await promptSegments(trained, [{ type: 'text', text: call.text }]);
      const request = { ...shared, seed, prompt, output: name };
      const { value } = await generateValue(trained, request, call.abortSignal);
      return {
        audio: await media.encode(value),
        warnings: [...speechSettingWarnings(call, media.mediaType), ...warnings],
        response: { timestamp, modelId },
        ...seedMetadata(seed),
      };
    },
  };
}
