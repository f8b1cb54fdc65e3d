/** The models whose generation is measured. */
import {
  createTransfusion,
  transformerPreset,
  type Transfusion,
  type TransfusionParams,
} from '@transfusion/core';
import { flowEuler } from '@transfusion/diffusion';
import { loadEmoji } from '@transfusion/emoji';
import { createModalityRegistry } from '@transfusion/modality';
import { image } from '@transfusion/modality-image';
import { text } from '@transfusion/modality-text';
import { createRng } from '@transfusion/nn';

/** A model that generates. */
export interface GenerationModel {
  readonly name: string;
  readonly title: string;
  readonly model: Transfusion;
  readonly params: TransfusionParams;
}

/** Names of the models. */
export const generationModels = ['shipped', '40m'] as const;

/** Name of a model. */
export type GenerationModelName = (typeof generationModels)[number];

/** Loads a model: the shipped one, or the 40M preset with spans of 256 positions and random parameters. */
export async function generationModel(name: GenerationModelName): Promise<GenerationModel> {
  if (name === 'shipped') {
    const { model, params } = await loadEmoji();
    return { name, title: 'Shipped model (images of 16 positions)', model, params };
  }
  const modalities = createModalityRegistry(text(), image({ patchSize: 2, diffusion: flowEuler() }));
  const model = createTransfusion({ transformer: transformerPreset('40m'), modalities });
  const params = model.init(createRng(1));
  return { name, title: '40M preset (images of 256 positions)', model, params };
}
