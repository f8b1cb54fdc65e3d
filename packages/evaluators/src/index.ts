export { bootstrapInterval, type BootstrapOptions } from './contract/bootstrap.js';
export { checkEvaluator } from './contract/check-evaluator.js';
export { compareMetrics, type MetricComparison } from './contract/compare-metrics.js';
export type {
  EvaluatedExample,
  Evaluator,
  ExampleResult,
  Json,
  Metric,
  Provenance,
  ShownValue,
} from './contract/evaluator.js';
export { meanMetric } from './contract/mean-metric.js';
export type {
  GenerationTask,
  InpaintingTask,
  LogLikelihood,
  LogLikelihoodRequest,
  Predictors,
  PromptSegment,
  RollingLogLikelihood,
} from './contract/predictors.js';
export type { Shard, StoredExample } from './contract/results-file.js';
export {
  joinShards,
  runEvaluator,
  type Evaluation,
  type RunEvaluatorOptions,
} from './contract/run-evaluator.js';
export { bleu, bleuScore, bleuStatistics, type BleuStatistics } from './captions/bleu.js';
export {
  captionWords,
  type CaptionSample,
  type CaptionScoreOptions,
  type CaptionTokenizer,
} from './captions/caption-sample.js';
export {
  captionScores,
  type CaptionExample,
  type CaptionResult,
  type CaptionScoresEvaluator,
  type CaptionScoresOptions,
} from './captions/caption-scores.js';
export { ciderD, type CaptionScores } from './captions/cider-d.js';
export { isExactMatch } from './captions/is-exact-match.js';
export {
  featureStatistics,
  type FeatureStatistics,
  type FeatureStatisticsAccumulator,
} from './features/feature-statistics.js';
export type { DetectedObject, ObjectDetector } from './geneval/detected-object.js';
export type { GenevalAtom } from './geneval/geneval-atoms.js';
export type { GenevalImage, GenevalResult } from './geneval/geneval-metrics.js';
export {
  GENEVAL_SKILLS,
  parseGenevalPrompts,
  readGenevalPrompts,
  type GenevalExclusion,
  type GenevalInclusion,
  type GenevalPrompt,
  type GenevalSkill,
} from './geneval/geneval-prompt.js';
export { geneval, type GenevalEvaluator, type GenevalOptions } from './geneval/geneval.js';
export { relativePositions, type Relation } from './geneval/relative-position.js';
export { numberedExamples, type NumberedExample } from './generation/numbered-examples.js';
export { predictEach } from './generation/predict-each.js';
export {
  onnxObjectDetector,
  type OnnxObjectDetector,
  type OnnxObjectDetectorOptions,
} from './images/detector/onnx-object-detector.js';
export { frechetDistance, type GaussianStatistics } from './features/frechet-distance.js';
export type { FeatureVectors } from './features/inner-products.js';
export {
  kernelDistance,
  kernelDistanceOfSubsets,
  type KernelDistance,
  type KernelDistanceOptions,
} from './features/kernel-distance.js';
export { precisionRecall, type PrecisionRecall } from './features/precision-recall.js';
export {
  readFeatureStatistics,
  writeFeatureStatistics,
  type ReferenceStatistics,
} from './features/statistics-file.js';
export { openClip, type Clip, type OpenClipOptions } from './images/clip-network.js';
export {
  clipScore,
  type ClipScoreExample,
  type ClipScoreOptions,
  type ClipScoreResult,
} from './images/clip-score.js';
export type { FeatureExtractor } from './images/feature-extractor.js';
export {
  imageDistances,
  type ImageDistancesExample,
  type ImageDistancesOptions,
  type ImageDistancesResult,
  type SeededImageExample,
} from './images/image-distances.js';
export {
  imageFeatureStatistics,
  type ImageFeatureExtractor,
  type ImageFeatureStatisticsOptions,
} from './images/image-feature-statistics.js';
export type { ImagePairResult } from './images/image-pair-metrics.js';
export {
  imagePairScores,
  type ImageDistance,
  type ImagePairExample,
  type ImagePairScoresEvaluator,
  type ImagePairScoresOptions,
} from './images/image-pair-scores.js';
export { multiScaleSimilarity, type MultiScaleSimilarityOptions } from './images/multi-scale-similarity.js';
export {
  perceptualDistance,
  type FeatureLayers,
  type FeatureMap,
  type PerceptualDistanceOptions,
} from './images/perceptual-distance.js';
export {
  onnxFeatureExtractor,
  type FeatureInput,
  type OnnxFeatureExtractor,
  type OnnxFeatureExtractorOptions,
} from './images/onnx-feature-extractor.js';
export { peakSignalToNoise } from './images/peak-signal-to-noise.js';
export { resampleImage, type ResizeFilter } from './images/resample-image.js';
export { structuralSimilarity } from './images/structural-similarity.js';
export { lmEvalTask, type LmEvalTask, type LmEvalTaskOptions } from './lm-eval/lm-eval-task.js';
export type { DataFiles } from './lm-eval/task-data.js';
export { taskNames } from './task-files.js';
export {
  multipleChoice,
  type ChoiceExample,
  type ChoiceMetric,
  type ChoiceResult,
  type MultipleChoiceOptions,
} from './text/multiple-choice.js';
export { perplexity, type PerplexityOptions, type PerplexityResult } from './text/perplexity.js';
