/** The description of a model that its checkpoints hold: all that its parameters' shapes and meaning depend on. */
import type {
  Assets,
  ContinuousModality,
  DiscreteModality,
  Modality,
  PluginConfig,
  Vocabulary,
  VocabularyEntry,
} from '@transfusion/modality';
import type { TransformerConfig } from '../trunk/config.js';

/** Plain JSON: equal to what `JSON.parse(JSON.stringify(…))` makes of it. */
export interface ModelConfig {
  readonly transformer: TransformerConfig;
  readonly spanAttention: 'bidirectional' | 'causal';
  readonly vocabulary: readonly VocabularyEntry[];
  readonly modalities: readonly ModalityConfig[];
}

/** A modality of a {@link ModelConfig}. */
export type ModalityConfig = {
  readonly name: string;
  /** For a factory of its type; null for a modality that cannot be rebuilt. */
  readonly config: PluginConfig | null;
} & (
  | { readonly kind: 'discrete'; readonly identity: DiscreteIdentity }
  | { readonly kind: 'continuous'; readonly identity: ContinuousIdentity }
);

/** All that trained parameters take for granted of a discrete modality. */
export interface DiscreteIdentity {
  /** That of the tokenizer, say; null for a modality without one. */
  readonly id: string | null;
  readonly vocabSize: number;
}

/** All that trained parameters take for granted of a continuous modality. */
export interface ContinuousIdentity {
  /** The codec's id. */
  readonly codec: string;
  readonly latentShapes: readonly (readonly number[])[];
  /** By latent shape. */
  readonly spanLengths: readonly number[];
  readonly predictionType: string;
  readonly process: string;
  readonly numTrainTimesteps: number;
}

/** Describes a model. */
export function modelConfig(
  transformer: TransformerConfig,
  spanAttention: ModelConfig['spanAttention'],
  vocabulary: Vocabulary,
  modalities: readonly Modality[],
): ModelConfig {
  const config: ModelConfig = {
    transformer,
    spanAttention,
    vocabulary: vocabulary.entries,
    modalities: modalities.map(modalityConfig),
  };
  return JSON.parse(JSON.stringify(config)) as ModelConfig;
}

function modalityConfig(modality: Modality): ModalityConfig {
  const { name, config = null } = modality;
  return modality.kind === 'discrete'
    ? { name, kind: 'discrete', config, identity: discreteIdentity(modality) }
    : { name, kind: 'continuous', config, identity: continuousIdentity(modality) };
}

function discreteIdentity({ id, vocabSize }: DiscreteModality): DiscreteIdentity {
  return { id: id ?? null, vocabSize };
}

function continuousIdentity(modality: ContinuousModality): ContinuousIdentity {
  const { codec, latentShapes, diffusion } = modality;
  return {
    codec: codec.id,
    latentShapes,
    spanLengths: latentShapes.map((shape) => modality.spanLength(shape)),
    predictionType: diffusion.predictionType,
    process: diffusion.process,
    numTrainTimesteps: diffusion.numTrainTimesteps,
  };
}

/** Collects the files of all modalities: `modalities/<name>/<file>` -> bytes. */
export async function modelAssets(modalities: readonly Modality[]): Promise<Assets> {
  const files = await Promise.all(
    modalities.map(async (modality) =>
      Object.entries((await modality.assets?.()) ?? {}).map(
        ([file, bytes]) => [`modalities/${modality.name}/${file}`, bytes] as const,
      ),
    ),
  );
  return Object.fromEntries(files.flat());
}
