import type { TokenSamplingOptions } from '@transfusion/core';

/** The fields of `TokenSamplingOptions`, each once, for the options that extend them. */
export const tokenSamplingFields: Readonly<Record<keyof TokenSamplingOptions, true>> = {
  temperature: true,
  topK: true,
  topP: true,
  minP: true,
  repetitionPenalty: true,
  logitBias: true,
};
