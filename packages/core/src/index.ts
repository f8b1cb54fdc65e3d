export { modelGraphs, type ModelGraph, type ModelGraphs } from './graphs/model-graphs.js';
export { createTokenScorer, type TokenScorer, type TokenScorerOptions } from './likelihood/token-scorer.js';
export type { TokenScores, TokenSequence } from './likelihood/token-sequence.js';
export { batchShape, type BatchShapeOptions } from './model/batch-shape.js';
export { countTransformerParams, trainingFlops } from './model/flops.js';
export { estimateMemory, type MemoryEstimate } from './model/memory.js';
export type {
  ContinuousIdentity,
  DiscreteIdentity,
  ModalityConfig,
  ModelConfig,
} from './model/model-config.js';
export {
  createTransfusion,
  type Transfusion,
  type TransfusionOptions,
  type TransfusionOutputs,
  type TransfusionParams,
} from './model/transfusion.js';
export {
  layoutDocument,
  NUM_DOCUMENT_MARKERS,
  NUM_SPAN_MARKERS,
  type FilledSpan,
  type SequenceLayout,
  type Span,
} from './sequence/layout.js';
export type { InputArrays, ModelInputs, SpanGroupArrays, SpanGroupInputs } from './sequence/model-inputs.js';
export {
  checkFits,
  createRowPacker,
  type BatchShape,
  type PackedRow,
  type RowPacker,
} from './sequence/pack.js';
export { groupKey, spanGroupKinds, type SpanGroupKind } from './sequence/span-groups.js';
export {
  sampleNoise,
  type NoiseSample,
  type NoiseOptions,
  type TrainingSequence,
} from './sequence/training-sequence.js';
export {
  assembleBatch,
  type BatchArrays,
  type TrainingBatch,
  type TrainingGroup,
  type TrainingGroupArrays,
} from './sequence/training-targets.js';
export type { AttentionParams } from './trunk/attention.js';
export { transformerConfig, type TransformerConfig, type TransformerOptions } from './trunk/config.js';
export type { ElementKinds } from './trunk/element-kinds.js';
export {
  initLora,
  lora,
  loraSize,
  loraTargets,
  mergeLora,
  type LoraConfig,
  type LoraTarget,
  type TrunkLoraParams,
} from './trunk/lora.js';
export { attentionBias } from './trunk/mask.js';
export { transformerPreset, transformerPresetNames, type TransformerPresetName } from './trunk/presets.js';
export { initTrunk, trunk, type BlockParams, type TrunkInputs, type TrunkParams } from './trunk/trunk.js';
export {
  createEngine,
  type EngineOptions,
  type EngineStats,
  type GenerationEngine,
  type SubmitOptions,
} from './generate/engine/engine.js';
export type { RequestEvent } from './generate/decisions.js';
export { generate, generateDocuments } from './generate/generate.js';
export type {
  GenerationEvent,
  GenerationRequest,
  KnownLatent,
  FirstSpan,
  SpanSamplingOptions,
} from './generate/request.js';
export type { LogitBias, TokenSamplingOptions } from './generate/sample-token.js';
export { spanSamplingDefaults } from './generate/span-sampling-defaults.js';
export { findStop, hasTextValues } from './generate/stop-strings.js';
export { tokenSamplingFields } from './generate/request-fields.js';
