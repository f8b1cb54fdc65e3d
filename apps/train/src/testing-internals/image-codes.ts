/** A recipe file like a user's, with images as tokens: the squares, with an untrained codebook. */
import { createModalityRegistry } from '@transfusion/modality';
import { createVqAutoencoder, imageTokens } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';
import { defineRecipe } from '@transfusion/runs';
import { recipe as squares } from './squares.js';

export const recipe = async () => {
  const autoencoder = createVqAutoencoder({
    channels: [4, 8],
    latentChannels: 2,
    numBlocks: 1,
    codebookSize: 8,
  });
  const params = autoencoder.init(createRng(1));
  const images = await imageTokens({ autoencoder, params, gridSize: [4, 4] });
  const { transformer, sources, optimizer, totalSteps } = squares;
  return defineRecipe({
    name: 'image-codes',
    modalities: createModalityRegistry(text(), images),
    transformer,
    sources,
    batch: { numRows: 2, rowLength: 32 },
    optimizer,
    totalSteps,
  });
};
