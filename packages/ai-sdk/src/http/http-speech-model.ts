import type { SpeechModelV3 } from '@ai-sdk/provider';
import { readProviderOptions, speechOptionNames } from '../provider-options.js';
import { unsupported } from '../unsupported-settings.js';
import { post, type ServerSettings } from './post.js';
import { wireOptions } from './wire-options.js';

/** Creates a speech model of a server: `/audio/speech`. */
export function httpSpeechModel(provider: string, modelId: string, server: ServerSettings): SpeechModelV3 {
  return {
    specificationVersion: 'v3',
    provider,
    modelId,
    doGenerate: async ({ text, voice, outputFormat, instructions, speed, language, ...call }) => {
      const { options, warnings } = readProviderOptions(call.providerOptions, speechOptionNames);
      const settings = { voice, responseFormat: outputFormat, instructions, speed };
      const body = { model: modelId, input: text, ...wireOptions({ ...settings, ...options }) };
      const request = { path: '/audio/speech', body, headers: call.headers, signal: call.abortSignal };
      const { response, headers, lost } = await post(server, request);
      const audio = await response.arrayBuffer().catch((cause: unknown) => {
        throw lost(cause);
      });
      return {
        audio: new Uint8Array(audio),
        warnings: [...unsupported({ language }), ...warnings],
        request: { body },
        response: { timestamp: new Date(), modelId, headers },
      };
    },
  };
}
