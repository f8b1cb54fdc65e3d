/** A process that computes statistics of two sets of features and their Fréchet distance; see `feature-rates.ts`. */
import { featureStatistics, frechetDistance, type FeatureStatistics } from '@transfusion/evaluators';
import { createRng } from '@transfusion/nn';
import type { DistanceJob, DistanceResult } from './feature-rates.js';
import { peakResidentBytes } from './peak-memory.js';

const { count, length } = JSON.parse(process.argv[2]) as DistanceJob;

/** Features as networks have them: none is negative, and neighbors depend on each other. */
function statisticsOf(seed: number): FeatureStatistics {
  const statistics = featureStatistics();
  const rng = createRng(seed);
  const features = new Float32Array(length);
  for (let i = 0; i < count; i++) {
    const noise = rng.uniforms(length);
    let value = 0;
    for (let j = 0; j < length; j++) {
      value = 0.7 * value + seed * (noise[j] - 0.5);
      features[j] = Math.max(0, value);
    }
    statistics.add(features);
  }
  return statistics.result();
}

const begun = performance.now();
const [a, b] = [statisticsOf(1), statisticsOf(2)];
const atStatistics = performance.now();
const distance = frechetDistance(a, b);
const result: DistanceResult = {
  statisticsSeconds: (atStatistics - begun) / 1000,
  distanceSeconds: (performance.now() - atStatistics) / 1000,
  peakBytes: peakResidentBytes(),
  distance,
};
process.send!(result, () => process.disconnect());
