export {
  FORMAT_VERSION,
  SUFFIXES,
  type ExportConfig,
  type ExportedFile,
  type ExportedGeneration,
  type ExportedModality,
  type ExportedSampler,
  type ExportedShape,
  type ExportedSpans,
  type ExportedText,
  type ExportPrecision,
} from './export-format.js';
export { exportModel, type ExportModelOptions } from './export-model.js';
