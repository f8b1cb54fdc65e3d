export { crossEntropy, diffusionLoss, jointLoss, zLoss, type LossPart } from './losses.js';
