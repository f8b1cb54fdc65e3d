/** The process that exports a model for browsers, which takes time and memory that the server has better uses for. */
import { selectEngine } from '@transfusion/engine';
import { TransfusionError } from '@transfusion/errors';
import { exportModel } from '@transfusion/export';
import { loadModel } from '@transfusion/runs';
import { modalityFactories } from '../composition/modality-factories.js';
import { denoisingInfo } from './denoising-info.js';
import type { ExportFailure, ExportProcessOptions } from './model-exports.js';

/** Numbers of steps that the page offers, beside the default one, if the model's noise schedule has as many. */
const NUM_INFERENCE_STEPS = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100];

const { model: source, folder } = JSON.parse(process.argv[2]) as ExportProcessOptions;
// The server decides when this process ends, also if signals reach the whole process group.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => process.exit());

try {
  await selectEngine('onnxruntime');
  const trained = await loadModel(source, modalityFactories);
  const { modalities } = trained.model;
  const denoising = denoisingInfo(modalities);
  const most = Math.min(...modalities.continuous.map(({ diffusion }) => diffusion.numTrainTimesteps));
  const counts = NUM_INFERENCE_STEPS.filter((count) => count <= most);
  await exportModel(trained, {
    folder,
    precisions: ['half'],
    ...(denoising !== undefined && {
      numInferenceSteps: [...new Set([denoising.numInferenceSteps, ...counts])],
      guidanceScale: denoising.guidanceScale,
    }),
  });
  process.disconnect();
} catch (error) {
  process.exitCode = 1;
  const failure: ExportFailure = {
    message: error instanceof Error ? error.message : String(error),
    isOfModel: TransfusionError.isInstance(error),
  };
  process.send!(failure, () => process.disconnect());
}
