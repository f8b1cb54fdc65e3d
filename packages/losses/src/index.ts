export { crossEntropy, diffusionLoss, jointLoss, type LossPart } from './losses.js';
