import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { job } from './suite-job.js';

// The name must be the backend's: some specs pass it to setBackend.
setTestEnvs([{ name: job.backend, backendName: job.backend, isDataSync: true }]);

// TensorFlow.js has just set this to Infinity, and jasmine captures a stack for each of thousands
// of registrations; executeSuite sets it for the specs.
Error.stackTraceLimit = 0;

/** The suffix that `describeWithFlags` appends to the description of a block that runs on the backend. */
export const backendSuffix = ` ${job.backend} {}`;
