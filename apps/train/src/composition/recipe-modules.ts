/**
 * Packages that recipe files can import from anywhere on disk. They resolve to the CLI's own copies, even if the recipe's
 * project installs others.
 */
import * as core from '@transfusion/core';
import * as data from '@transfusion/data';
import * as diffusion from '@transfusion/diffusion';
import * as emoji from '@transfusion/emoji';
import * as engine from '@transfusion/engine';
import * as errors from '@transfusion/errors';
import * as evaluators from '@transfusion/evaluators';
import * as exporter from '@transfusion/export';
import * as losses from '@transfusion/losses';
import * as modality from '@transfusion/modality';
import * as modalityImage from '@transfusion/modality-image';
import * as modalityText from '@transfusion/modality-text';
import * as nn from '@transfusion/nn';
import * as pipelines from '@transfusion/pipelines';
import * as recipes from '@transfusion/recipes';
import * as runs from '@transfusion/runs';
import * as runsAutoencoder from '@transfusion/runs-autoencoder';
import * as tfjs from '@transfusion/tfjs';
import * as tfjsBackendOnnxruntime from '@transfusion/tfjs-backend-onnxruntime';
import * as trainer from '@transfusion/trainer';
import type { RecipeModules } from '@transfusion/runs';

/**
 * Modules by import specifier. Sharing them guarantees a single TensorFlow.js instance: a second copy would have its own
 * backend registry and engine.
 */
export const recipeModules: RecipeModules = {
  // Its names without layers and loaders.
  '@tensorflow/tfjs': tfjs,
  '@transfusion/core': core,
  '@transfusion/data': data,
  '@transfusion/diffusion': diffusion,
  '@transfusion/emoji': emoji,
  '@transfusion/engine': engine,
  '@transfusion/errors': errors,
  '@transfusion/evaluators': evaluators,
  '@transfusion/export': exporter,
  '@transfusion/losses': losses,
  '@transfusion/modality': modality,
  '@transfusion/modality-image': modalityImage,
  '@transfusion/modality-text': modalityText,
  '@transfusion/nn': nn,
  '@transfusion/pipelines': pipelines,
  '@transfusion/recipes': recipes,
  '@transfusion/runs': runs,
  '@transfusion/runs-autoencoder': runsAutoencoder,
  '@transfusion/tfjs': tfjs,
  '@transfusion/tfjs-backend-onnxruntime': tfjsBackendOnnxruntime,
  '@transfusion/trainer': trainer,
};
