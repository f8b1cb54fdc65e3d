export { createModel } from './create-model.js';
export {
  evaluateModel,
  resultsPath,
  type EvaluateModelOptions,
  type EvaluatorRun,
} from './evaluate/evaluate-model.js';
export { modelPredictors, type PredictorOptions } from './evaluate/model-predictors.js';
export type { StoredValue } from './evaluate/shown-values.js';
export { defineRecipe } from './define-recipe.js';
export { extendModel, type ExtendModelOptions } from './extend-model.js';
export { findCheckpoint } from './find-checkpoint.js';
export { loadModel, type LoadModelOptions } from './load-model.js';
export type { LoadedModel } from './loaded-model.js';
export { exportLora, readLora } from './lora-files.js';
export type { ModelModalities } from './open-stored-model.js';
export type { NamedRecipe } from './named-recipe.js';
export type {
  OpenSources,
  Preparation,
  Recipe,
  RecipeEvaluator,
  RecipeInit,
  RecipeOptimizer,
  RecipeOptions,
  SampleRequest,
} from './recipe.js';
export { oncePerRecord } from './once-per-record.js';
export { parseRecipe } from './parse-recipe.js';
export { isRecipeFile, loadEvaluatorsFile, loadRecipeFile, type RecipeModules } from './recipe-file.js';
export { readStartStep, trainSettings, type RunSettings } from './run-settings.js';
export { runRecipe, type RunEvent, type RunOptions, type RunResult } from './run-recipe.js';
export { recipeFields } from './recipe-fields.js';
export { modelDifference, storedModelConfig } from './stored-model-config.js';
export { writeValues } from './write-values.js';
