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
    'packages/evaluators/src/images/',
    'packages/evaluators/src/features/image-features.ts',
    'packages/pipelines/src/image/',
    'packages/recipes/src/paper.ts',
    'packages/recipes/src/built-in-recipes.ts',
    'apps/train/src/commands/caption.ts',
    'apps/train/src/commands/edit.ts',
    'apps/train/src/commands/inpaint.ts',
    'apps/train/src/image-files.ts',
    // Composition roots.
    'apps/train/src/recipe-file.ts',
    // Not generic yet.
    'packages/runs/src/write-samples.ts',
    'apps/train/src/commands/data.ts',
    'apps/train/src/data-files.ts',
    'apps/train/src/image-sizes.ts',
  ],
};
