/** The prediction functions of a trained model, for evaluators. */
import type { GenerationTask, Predictors } from '@transfusion/evaluators';
import type { Modality } from '@transfusion/modality';
import {
  generateEach,
  knownLatent,
  logLikelihoods,
  rollingLogLikelihoods,
  withKnownPixels,
  type GenerateOptions,
  type GenerateRequest,
  type ImageInpainting,
  type TrainedModel,
} from '@transfusion/pipelines';

/** Settings of generation in an evaluation. */
export interface PredictorOptions extends Pick<
  GenerateOptions,
  'guidanceScale' | 'spanGuidanceScale' | 'numInferenceSteps'
> {
  /** Defaults to 0, the most likely tokens; to 1 for values of a fixed number of tokens, such as images of tokens. */
  readonly temperature?: number;
  /** Maximum number of tokens of a value; defaults to 64. */
  readonly maxTokens?: number;
  /** Number of times each step of inpainting is taken; defaults to 4. */
  readonly numResamples?: number;
  /** Positions that a model sees at a time for the likelihood of texts; defaults to 2048. */
  readonly maxLength?: number;
  /** Tokens that each window of a long text scores; defaults to `maxLength`. */
  readonly stride?: number;
}

/** Returns the prediction functions of a model. */
export function modelPredictors(
  trained: TrainedModel,
  { numResamples, temperature, maxTokens = 64, maxLength, stride, ...spans }: PredictorOptions = {},
): Predictors {
  const { modalities } = trained.model;
  const requestOf = ({ prompt, output, seed }: GenerationTask): GenerateRequest => {
    const request = { prompt: [...prompt], output, seed };
    const modality: Modality = modalities.get(output);
    if (modality.kind === 'discrete') {
      const isFixed = modality.tokensPerValue !== undefined;
      return { ...request, minTokens: 1, maxTokens, temperature: temperature ?? (isFixed ? 1 : 0) };
    }
    // An edit has the shape of what it edits.
    const source = prompt.findIndex((segment) => segment.modality === output);
    return { ...request, ...spans, latentShapeOf: source < 0 ? undefined : source };
  };
  return {
    logLikelihood: (requests) => logLikelihoods(trained, requests, { maxLength }),
    rollingLogLikelihood: (texts) => rollingLogLikelihoods(trained, texts, { maxLength, stride }),
    async *generate(tasks) {
      async function* requests(): AsyncGenerator<GenerateRequest> {
        for await (const task of tasks) yield requestOf(task);
      }
      yield* generateEach(trained, requests());
    },
    async *inpaint(tasks) {
      const pending: ImageInpainting[] = [];
      async function* requests(): AsyncGenerator<GenerateRequest> {
        for await (const { prompt, known, mask, seed } of tasks) {
          const inpainting = { image: known.value as ImageInpainting['image'], mask };
          pending.push(inpainting);
          const latent = await knownLatent(trained.model, inpainting, numResamples);
          yield { prompt: [...prompt], output: known.modality, seed, ...spans, known: latent };
        }
      }
      for await (const value of generateEach(trained, requests())) {
        yield await withKnownPixels(value as ImageInpainting['image'], pending.shift()!);
      }
    },
  };
}
