/**
 * The importers of the code of one modality, by package: files, and folders (ending in '/'). First the composition
 * roots, which put everything together; then what is made for this modality alone. Tools and tests may import any.
 */
export const modalityImporters = {
  '@transfusion/modality-image': [
    'tools/',
    'packages/modality-image/',
    'packages/emoji/',
    'packages/runs-autoencoder/',
    'packages/evaluators/src/images/',
    'packages/pipelines/src/image/',
    'packages/recipes/src/paper.ts',
    'apps/train/src/commands/image/',
  ],
};
