export { newMetric, type ComparedPair, type NewMetricScores } from './new-metric.js';
