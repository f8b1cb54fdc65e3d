import type { SpeechModelV3 } from '@ai-sdk/provider';
import { readFileData } from '../file-data.js';
import { readProviderOptions, speechOptionNames } from '../provider-options.js';
import { seedMetadata } from '../seeds.js';
import { speechSettingWarnings } from '../speech-settings.js';
import { post, type ServerSettings } from './post.js';
import { wireOptions } from './wire-options.js';

/** Creates a speech model of a server: `/audio/speech`. */
export function httpSpeechModel(provider: string, modelId: string, server: ServerSettings): SpeechModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    doGenerate: async (call) => {
      const { options, warnings } = readProviderOptions(call.providerOptions, speechOptionNames);
      const body = { model: modelId, input: call.text, ...wireOptions(options) };
      const request = { path: '/audio/speech', body, headers: call.headers, signal: call.abortSignal };
      const { response, headers, seed, lost } = await post(server, request);
      const audio = await response.arrayBuffer().catch((cause: unknown) => {
        throw lost(cause);
      });
      const { mediaType, bytes } = readFileData(new Uint8Array(audio), headers['content-type'] ?? 'audio/*');
      return {
        audio: bytes,
        warnings: [...speechSettingWarnings(call, mediaType), ...warnings],
        request: { body },
        response: { timestamp: new Date(), modelId, headers },
        ...seedMetadata(seed),
      };
    },
  };
}
