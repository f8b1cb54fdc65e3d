export { normal, ones, zeros } from './initializers.js';
export { conv2d, initConv2d, type Conv2dParams } from './layers/conv2d.js';
export { embedding, initEmbedding, type EmbeddingParams } from './layers/embedding.js';
export { initLinear, linear, mergedWeight, type LinearParams, type LoraParams } from './layers/linear.js';
export {
  groupNorm,
  initLayerNorm,
  initRmsNorm,
  layerNorm,
  rmsNorm,
  type LayerNormParams,
  type RmsNormParams,
} from './layers/norms.js';
export {
  initResidualBlock,
  residualBlock,
  residualBlockGroups,
  type ResidualBlockParams,
} from './layers/residual-block.js';
export { initSwiGlu, silu, swiGlu, type SwiGluParams } from './layers/swiglu.js';
export {
  initTimestepEmbedding,
  timestepEmbedding,
  type TimestepEmbeddingParams,
} from './layers/timestep-embedding.js';
export { upsample2x } from './layers/upsample.js';
export { adamW, type AdamWOptions, type AdamWState } from './optimizer/adam-w.js';
export { clipByGlobalNorm } from './optimizer/clip-by-global-norm.js';
export { emaDecayAt, updateEma } from './optimizer/ema.js';
export {
  constantLr,
  warmupCosine,
  type LrSchedule,
  type WarmupCosineOptions,
} from './optimizer/lr-schedules.js';
export type { Optimizer } from './optimizer/optimizer.js';
export { valueAndGrad } from './optimizer/value-and-grad.js';
export {
  countParams,
  disposeParams,
  disposeReplaced,
  flattenParams,
  mapParams,
  tidyParams,
  unflattenParams,
  type FlatParams,
  type Params,
} from './params.js';
export { createRng, type Rng, type RngState } from './rng.js';
export { zeroRng } from './zero-rng.js';
export { stopGradient } from './stop-gradient.js';
export { decodeParams, encodeParams } from './safetensors/params-bytes.js';
export { paramsFromSafetensors, paramsToSafetensors } from './safetensors/params-safetensors.js';
export {
  readSafetensors,
  type ReadSafetensorsOptions,
  type SafetensorsFile,
} from './safetensors/read-safetensors.js';
export type {
  SafetensorsDtype,
  StoredDtype,
  StoredTensor,
  StoredTensorInfo,
  TensorSource,
} from './safetensors/stored-tensor.js';
export { writeSafetensors, type WriteSafetensorsOptions } from './safetensors/write-safetensors.js';
