export type { CaptionSample, CaptionScores } from './captions/caption-sample.js';
export { ciderD } from './captions/cider-d.js';
export { exactMatch } from './captions/exact-match.js';
export {
  featureStatistics,
  type FeatureStatistics,
  type FeatureStatisticsAccumulator,
} from './features/feature-statistics.js';
export { frechetDistance } from './features/frechet-distance.js';
export {
  imageStatistics,
  type ImageFeatureNetwork,
  type ImageStatisticsOptions,
} from './features/image-features.js';
export { peakSignalToNoise } from './images/peak-signal-to-noise.js';
export { structuralSimilarity } from './images/structural-similarity.js';
