/** The model of an exported folder, as generation of documents reads it. */
import type { DocumentModel } from '@transfusion/core/documents';
import type { NoiseScheduler } from '@transfusion/diffusion';
import { invariant, TransfusionError } from '@transfusion/errors';
import type { ExportConfig, ExportedSpans, ExportedText } from '@transfusion/export/export-format';
import {
  createModalityRegistry,
  createVocabulary,
  sameShape,
  type ContinuousModality,
  type DiscreteModality,
} from '@transfusion/modality';
import { byteTokenizer, readTokenizer, text } from '@transfusion/modality-text/browser';
import type { FolderReader } from './folder-reader.js';
import { graphCodec, isInputValue } from './graph-codec.js';
import type { Graphs } from './graphs.js';

/**
 * Creates the model.
 *
 * @param read reads a file of the folder
 * @throws TransfusionError `invalid-file` if the vocabulary or a tokenizer does not fit
 */
export async function exportedModel(
  folder: FolderReader,
  config: ExportConfig,
  graphs: Graphs,
  read: (path: string) => Promise<Uint8Array>,
): Promise<DocumentModel> {
  const modalities = createModalityRegistry(
    ...(await Promise.all(
      config.modalities.map(
        async (modality): Promise<DiscreteModality<string, string> | ContinuousModality> =>
          modality.kind === 'discrete'
            ? textModality(folder, modality, read)
            : spanModality(graphs, modality),
      ),
    )),
  );
  const vocabulary = createVocabulary(modalities, config.vocabulary);
  if (vocabulary.entries.length === config.vocabulary.length) return { modalities, vocabulary };
  throw new TransfusionError(
    'invalid-file',
    `${folder.where}: config.json: the vocabulary lacks ids of the modalities. Export the model again.`,
  );
}

async function textModality(
  folder: FolderReader,
  { name, tokenizer }: ExportedText,
  read: (path: string) => Promise<Uint8Array>,
): Promise<DiscreteModality<string, string>> {
  if (tokenizer === 'bytes') return text({ name, tokenizer: byteTokenizer() });
  return text({ name, tokenizer: readTokenizer(await read(tokenizer), `${folder.where}: ${tokenizer}`) });
}

/** Returns a modality without what only training and TensorFlow.js need. */
function spanModality(graphs: Graphs, modality: ExportedSpans): ContinuousModality {
  const { name, shapes } = modality;
  return {
    specificationVersion: 'v1',
    kind: 'continuous',
    name,
    accepts: (value): value is unknown => isInputValue(modality, value),
    codec: graphCodec(graphs, modality),
    latentShapes: shapes.map(({ latent_shape: shape }) => shape),
    spanLength: (latentShape) => {
      const found = shapes.find(({ latent_shape: shape }) => sameShape(shape, latentShape));
      invariant(found !== undefined, () => `'${name}' has no latent shape ${latentShape.join('x')}`);
      return found.span_length;
    },
    diffusion: noScheduler(name),
    lossWeight: 0,
    createAdapter: () => notExported(name, 'adapter'),
  };
}

/** Samplers of an exported folder are numbers: see `exported-samplers.ts`. */
function noScheduler(modality: string): NoiseScheduler {
  const fail = (): never => notExported(modality, 'noise scheduler');
  return {
    specificationVersion: 'v1',
    name: 'not exported',
    predictionType: 'epsilon',
    process: 'not exported',
    numTrainTimesteps: 0,
    stochastic: false,
    sampleTimesteps: fail,
    lossWeights: fail,
    noiseLevelAt: fail,
    addNoise: fail,
    target: fail,
    timesteps: fail,
    step: fail,
  };
}

function notExported(name: string, what: string): never {
  throw new TransfusionError(
    'invalid-argument',
    `web: the ${what} of '${name}' is not part of an exported folder. Load the model with @transfusion/runs.`,
  );
}
