export { expectThat, type ConformanceCheck } from './testing/conformance-check.js';
export { noiseSchedulerChecks, type NoiseSchedulerExample } from './testing/noise-scheduler-checks.js';
