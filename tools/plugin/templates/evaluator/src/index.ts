export { newMetric, type NewMetricExample, type NewMetricOptions } from './new-metric.js';
