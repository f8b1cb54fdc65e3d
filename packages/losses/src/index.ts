export { crossEntropy } from './cross-entropy.js';
export { diffusionLoss } from './diffusion-loss.js';
export { jointLoss, meanOf, type LossPart } from './joint-loss.js';
export type { LossSum } from './loss-sum.js';
