/** Options of commands that generate: those for latents, and those for tokens; and what they are in pipelines. */
import { Option, type Command } from 'commander';
import type { GenerateImageOptions, GenerateOptions } from '@transfusion/pipelines';
import {
  integerAtLeast,
  interval,
  nonNegativeNumber,
  positiveNumber,
  positiveProbability,
  probability,
  repeated,
} from './option-values.js';

/** Headings in the help. */
export const optionGroups = {
  other: 'Options:',
  denoising: 'Denoising (images, and other latents):',
  text: 'Text (and other tokens):',
} as const;

/** Values of the options of {@link withDenoisingOptions}. */
export interface DenoisingOptions {
  readonly steps: number;
  readonly scheduler?: string;
  readonly guidance: number;
  readonly guidanceInterval?: readonly [from: number, to: number];
  readonly negativePrompt?: string;
}

/** Values of the options of {@link withTokenSamplingOptions}. */
export interface TokenSamplingOptions {
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
}

/** Values of the options of {@link withTextOptions}. */
export interface TextOptions extends TokenSamplingOptions {
  readonly tokens: number;
  readonly stop?: readonly string[];
}

/** Adds the options for denoising latents, as a group of the help; later options are in the usual one again. */
export function withDenoisingOptions(command: Command): Command {
  return command
    .optionsGroup(optionGroups.denoising)
    .option('--steps <number>', 'number of denoising steps', integerAtLeast(1), 50)
    .addOption(
      new Option(
        '--sampler, --scheduler <name>',
        "noise scheduler to sample with: ddpm, ddim, dpm-solver++, flow-euler or flow-heun, as fits the model's noise (default: the model's own)",
      ),
    )
    .option('--guidance <scale>', 'classifier-free guidance scale; 1 disables guidance', nonNegativeNumber, 3)
    .option(
      '--guidance-interval <from,to>',
      'timesteps at which guidance applies, such as 200,800 of 0 to 1000 (default: all)',
      interval,
    )
    .option('--negative-prompt <text>', 'text to guide away from')
    .optionsGroup(optionGroups.other);
}

/** Adds the options for sampling tokens, as a group of the help; later options are in the usual one again. */
export function withTokenSamplingOptions(
  command: Command,
  { temperature, group }: { readonly temperature: number; readonly group: string },
): Command {
  return command
    .optionsGroup(group)
    .option(
      '--temperature <number>',
      "softmax temperature: 0 is greedy, 1 samples from the model's distribution",
      nonNegativeNumber,
      temperature,
    )
    .option('--top-k <number>', 'samples from this many of the most likely tokens', integerAtLeast(1))
    .option(
      '--top-p <probability>',
      'samples from the fewest most likely tokens that reach this probability (nucleus sampling)',
      positiveProbability,
    )
    .option(
      '--min-p <fraction>',
      'samples from the tokens at least this fraction as likely as the most likely one, such as 0.1',
      probability,
    )
    .option(
      '--repetition-penalty <number>',
      'above 1 makes tokens less likely that the prompt or the output has already, such as 1.2',
      positiveNumber,
    )
    .optionsGroup(optionGroups.other);
}

/** Adds the options for generating texts: limits, stop strings, and those for sampling tokens. */
export function withTextOptions(
  command: Command,
  defaults: { readonly tokens: number; readonly temperature: number; readonly of: string },
): Command {
  const group = optionGroups.text;
  command
    .optionsGroup(group)
    .option(
      '--tokens <number>',
      `maximum number of tokens ${defaults.of}`,
      integerAtLeast(1),
      defaults.tokens,
    )
    .option('--stop <text>', 'ends a text before the first of these; may be repeated', repeated);
  return withTokenSamplingOptions(command, { temperature: defaults.temperature, group });
}

/** Returns the options for denoising latents as pipelines take them, but for the negative prompt. */
export function denoisingOptions({
  steps,
  scheduler,
  guidance,
  guidanceInterval,
}: DenoisingOptions): Pick<
  GenerateImageOptions,
  'numInferenceSteps' | 'scheduler' | 'guidanceScale' | 'guidanceInterval'
> {
  return { numInferenceSteps: steps, scheduler, guidanceScale: guidance, guidanceInterval };
}

/** Returns the options for sampling tokens as pipelines take them. */
export function tokenSamplingOptions({
  temperature,
  topK,
  topP,
  minP,
  repetitionPenalty,
}: TokenSamplingOptions): Pick<
  GenerateOptions,
  'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty'
> {
  return { temperature, topK, topP, minP, repetitionPenalty };
}
