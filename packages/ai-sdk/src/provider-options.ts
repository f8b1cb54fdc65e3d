/** Options of Transfusion models beyond the AI SDK's own settings, in `providerOptions.transfusion`. */
import type { SharedV3ProviderOptions, SharedV3Warning } from '@ai-sdk/provider';

// Types, not interfaces, and mutable: `providerOptions` only takes what is assignable to JSON.

/** Options of images. */
export type TransfusionImageModelOptions = {
  /** Number of denoising steps. */
  numInferenceSteps?: number;
  /** Guidance scale of the prompt; 1 disables guidance. */
  guidanceScale?: number;
  /** Guidance scale of the images in the prompt; defaults to `guidanceScale`. */
  imageGuidanceScale?: number;
  /** Timesteps at which guidance applies: first and last. */
  guidanceInterval?: [from: number, to: number];
  /** Text to guide away from. */
  negativePrompt?: string;
  /** Name of a sampler, such as `ddim`. */
  scheduler?: string;
  /** Sampling of images that are tokens: as for text. */
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetitionPenalty?: number;
};

/** Options of language models. */
export type TransfusionLanguageModelOptions = TransfusionImageModelOptions & {
  /** Modalities of the reply; defaults to `['text']`. */
  modalities?: ('text' | 'image' | 'audio')[];
  /** Minimum number of tokens. */
  minTokens?: number;
  /** Maximum number of images in the reply. */
  maxImages?: number;
  /** Size of the images, such as `64x64`. */
  size?: string;
};

/** Options of speech models. */
export type TransfusionSpeechModelOptions = Omit<TransfusionImageModelOptions, 'imageGuidanceScale'> & {
  /** Random seed. */
  seed?: number;
};

/** The names of options of one kind of model, each once. */
type Known<Options> = Readonly<Record<keyof Options, true>>;

/** The names of {@link TransfusionImageModelOptions}. */
export const imageOptionNames: Known<TransfusionImageModelOptions> = {
  numInferenceSteps: true,
  guidanceScale: true,
  imageGuidanceScale: true,
  guidanceInterval: true,
  negativePrompt: true,
  scheduler: true,
  temperature: true,
  topK: true,
  topP: true,
  minP: true,
  repetitionPenalty: true,
};

/** The names of {@link TransfusionLanguageModelOptions}. */
export const languageOptionNames: Known<TransfusionLanguageModelOptions> = {
  ...imageOptionNames,
  modalities: true,
  minTokens: true,
  maxImages: true,
  size: true,
};

const { imageGuidanceScale: _, ...namesWithoutImages } = imageOptionNames;

/** The names of {@link TransfusionSpeechModelOptions}. */
export const speechOptionNames: Known<TransfusionSpeechModelOptions> = { ...namesWithoutImages, seed: true };

/** Reads the options that there are; the others become warnings. */
export function readProviderOptions<Options extends object>(
  providerOptions: SharedV3ProviderOptions | undefined,
  known: Known<Options>,
): { readonly options: Options; readonly warnings: SharedV3Warning[] } {
  // One that is undefined would hide the setting of the same name.
  const entries = Object.entries(providerOptions?.transfusion ?? {}).filter(
    ([, value]) => value !== undefined,
  );
  const isKnown = ([name]: [string, unknown]): boolean => Object.hasOwn(known, name);
  return {
    options: Object.fromEntries(entries.filter(isKnown)) as Options,
    warnings: entries
      .filter((entry) => !isKnown(entry))
      .map(([name]) => ({
        type: 'unsupported',
        feature: `providerOptions.transfusion.${name}`,
        details: `Ignored; the options are ${Object.keys(known).join(', ')}.`,
      })),
  };
}
