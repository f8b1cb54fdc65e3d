/** `npm run bench -- serve`: the server of the shipped model under load from another process. */
import type { MeasureGroup } from '../measure.js';
import { measureServing, type ServingPlan } from '../measures/serving-rates.js';
import { startServer } from '@transfusion/serving/start-server';
import type { Suite, SuiteOptions } from '../suite.js';

const fullPlan: ServingPlan = { numClients: 64, seconds: 60, numInferenceSteps: 25 };
const quickPlan: ServingPlan = { numClients: 8, seconds: 4, numInferenceSteps: 4 };

export const serveSuite: Suite = {
  description: 'the server under load: latencies, many clients over one, memory',
  run: (options) => measureServe(options.quick ? quickPlan : fullPlan, options),
};

/** Starts a server, measures it, and stops it. */
export async function measureServe(
  plan: ServingPlan,
  { progress }: Pick<SuiteOptions, 'progress'>,
): Promise<MeasureGroup[]> {
  progress('Starting the server');
  const server = await startServer(['--log-level', 'error']);
  try {
    return await measureServing(server, plan, progress);
  } finally {
    await server.stop();
  }
}
