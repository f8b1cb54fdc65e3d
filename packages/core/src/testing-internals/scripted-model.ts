/** A model with outputs scripted by the test instead of computed. */
import * as tf from '@transfusion/tfjs';
import { createVocabulary, type ModalityRegistry } from '@transfusion/modality';
import type { Transfusion, TransfusionParams } from '../model/transfusion.js';
import { spanGroupKinds } from '../sequence/span-groups.js';
import { toyModel, toyRegistry } from './toy-modalities.js';

/** The model's view of a sequence. */
export interface ShownSequence {
  /** Vocabulary ids; ids from the vocabulary size on are elements of spans. */
  readonly ids: readonly number[];
  readonly spans: readonly { readonly key: string; readonly latents: number[]; readonly timestep: number }[];
}

/** A test's answer for a sequence. */
export interface ScriptedAnswer {
  /** The only likely token, for token sampling. */
  readonly nextId?: number;
  /** All logits, instead of `nextId`. */
  readonly logits?: readonly number[];
  /** Diffusion output of the last span, for a denoising step. */
  readonly spanOutput?: readonly number[];
}

export const noParams = {} as TransfusionParams;

/** Creates a model that calls `answer` for each sequence. */
export function scriptedModel(
  answer: (shown: ShownSequence) => ScriptedAnswer,
  modalities: ModalityRegistry = toyRegistry,
): Transfusion {
  const vocabulary = createVocabulary(modalities);
  const V = vocabulary.size;
  return {
    ...toyModel({}, { modalities }),
    forward: (_, { sources, documentIds, groups }) => {
      const rows = sources.arraySync();
      const documents = documentIds.arraySync();
      const S = sources.shape[1];
      const [logits, outputs] = [tf.buffer([rows.length, V]), new Map<string, tf.TensorBuffer<tf.Rank>>()];
      const present = spanGroupKinds(modalities).filter(({ key }) => groups[key] !== undefined);
      const spansOfRow = rows.map((): (ShownSequence['spans'][number] & { n: number; at: number })[] => []);
      for (const { key, spanLength } of present) {
        const { noisyLatents, timesteps, positions } = groups[key];
        outputs.set(key, tf.buffer([...noisyLatents.shape]));
        const [latents, ts] = [noisyLatents.arraySync() as number[][], timesteps.dataSync()];
        const starts = positions.dataSync();
        latents.forEach((values, n) => {
          const at = starts[n * spanLength];
          // A slot without a span points at the beginning of the first row.
          if (at === 0) return;
          spansOfRow[Math.floor(at / S)].push({ key, latents: values, timestep: ts[n], n, at });
        });
      }
      rows.forEach((ids, row) => {
        const length = documents[row].findLastIndex((id) => id >= 0) + 1;
        if (length === 0) return;
        const spans = spansOfRow[row].sort((a, b) => a.at - b.at);
        const { nextId, logits: all, spanOutput } = answer({ ids: ids.slice(0, length), spans });
        all?.forEach((logit, id) => logits.set(logit, row, id));
        if (nextId !== undefined) logits.set(100, row, nextId);
        const last = spans.at(-1);
        spanOutput?.forEach((value, i) => outputs.get(last!.key)!.set(value, last!.n, i));
      });
      const spanOutputs = Object.fromEntries([...outputs].map(([key, buffer]) => [key, buffer.toTensor()]));
      return { logits: logits.toTensor(), spanOutputs };
    },
  };
}
