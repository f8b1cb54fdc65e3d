/** The model's config in its checkpoints, which determines the shapes and meaning of its parameters. */
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
import type { LoraConfig } from '../trunk/lora.js';

/** Config of a model, as plain JSON: unchanged by `JSON.parse(JSON.stringify(…))`. */
export interface ModelConfig {
  readonly transformer: TransformerConfig;
  readonly spanAttention: 'bidirectional' | 'causal';
  /** Absent without low-rank updates. */
  readonly lora?: LoraConfig;
  readonly vocabulary: readonly VocabularyEntry[];
  readonly modalities: readonly ModalityConfig[];
}

/** A modality of a {@link ModelConfig}. */
export type ModalityConfig = {
  readonly name: string;
  /** Rebuilds the modality with a factory of its type; null if it cannot be rebuilt. */
  readonly config: PluginConfig | null;
} & (
  | { readonly kind: 'discrete'; readonly identity: DiscreteIdentity }
  | { readonly kind: 'continuous'; readonly identity: ContinuousIdentity }
);

/** Properties of a discrete modality that trained parameters depend on. */
export interface DiscreteIdentity {
  /** Id of the modality, such as its tokenizer's; null for a modality without one. */
  readonly id: string | null;
  readonly vocabSize: number;
}

/** Properties of a continuous modality that trained parameters depend on. */
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

/** Creates the config of a model. */
export function modelConfig(
  options: Pick<ModelConfig, 'transformer' | 'spanAttention' | 'lora'>,
  vocabulary: Vocabulary,
  modalities: readonly Modality[],
): ModelConfig {
  const config: ModelConfig = {
    ...options,
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
