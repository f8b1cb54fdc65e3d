/** Values of {@link SpanSamplingOptions} that are left out. */
import type { SpanSamplingOptions } from './request.js';

/** Values of the options for denoising spans that are left out, but for those that depend on the model or on others. */
export const spanSamplingDefaults = {
  numInferenceSteps: 50,
  guidanceScale: 3,
} as const satisfies SpanSamplingOptions;
