/**
 * The importers of the code of one modality, by package: files, and folders (ending in '/'). Tools and tests may
 * import any.
 */
export const modalityImporters = {
  '@transfusion/modality-image': [
    'tools/',
    // Made for images alone.
    'packages/modality-image/',
    'packages/emoji/',
    'packages/runs-autoencoder/',
    'packages/web/src/image/',
    'packages/evaluators/src/images/',
    'packages/pipelines/src/image/',
    'packages/recipes/src/paper.ts',
    'packages/create/templates/app/',
    'packages/recipes/src/built-in-recipes.ts',
    'apps/train/src/commands/image/',
    'apps/serve/src/inference/image/',
    // Composition roots.
    'apps/train/src/composition/',
    'apps/serve/src/composition/',
  ],
};
