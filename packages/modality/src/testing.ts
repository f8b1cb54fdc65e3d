export type { ConformanceCheck } from './testing/conformance-check.js';
export { continuousModalityChecks, type ContinuousModalityExamples } from './testing/continuous-modality.js';
export { discreteModalityChecks, type DiscreteModalityExamples } from './testing/discrete-modality.js';
