/**
 * Visibility of elements through the whole model: changing an element leaves every output that may not see it
 * equal bit for bit, and changes some that may.
 */
import * as tf from '@transfusion/tfjs';
import { disposeParams } from '@transfusion/nn';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BatchArrays } from '../sequence/training-targets.js';
import type { TransformerConfig } from '../trunk/config.js';
import {
  anyDocument,
  inputsOf,
  packed,
  sequencesOf,
  strip,
  text,
  toyShape,
  warmParams,
} from '../testing-internals/toy-documents.js';
import { toyModel } from '../testing-internals/toy-modalities.js';
import type { Transfusion, TransfusionParams } from './transfusion.js';

beforeAll(() => tf.setBackend('cpu'));

const shape = toyShape(2, 24, 4);
const batches = fc
  .array(anyDocument(), { minLength: 1, maxLength: 6 })
  .map((documents) => packed(shape, sequencesOf(documents.filter((document) => lengthOf(document) <= 24))));

function lengthOf(document: readonly object[]): number {
  return sequencesOf([document as never])[0].layout.tokenIds.length;
}

type Attention = 'bidirectional' | 'causal';

/** The rule in plain words: position j may see position i. */
function maySee({ shape: { rowLength: S }, ...batch }: BatchArrays, attention: Attention) {
  return (j: number, i: number): boolean => {
    if (Math.floor(i / S) !== Math.floor(j / S)) return false;
    if (batch.documentIds[i] !== batch.documentIds[j]) return false;
    if (i <= j) return true;
    return attention === 'bidirectional' && batch.spanIds[i] >= 0 && batch.spanIds[i] === batch.spanIds[j];
  };
}

/** All numbers that come out at each position: its logits, and its part of a span's output. */
function outputsByPosition(
  model: Transfusion,
  params: TransfusionParams,
  batch: BatchArrays,
): Float32Array[] {
  return tf.tidy(() => {
    const { logits, spanOutputs } = model.forward(params, inputsOf(model, batch));
    const V = model.vocabulary.size;
    const values = logits.dataSync<'float32'>();
    const outputs = Array.from(batch.documentIds, (_, i) => values.slice(i * V, (i + 1) * V));
    for (const { key, positions, latentShape, numSpans } of batch.groups) {
      const data = spanOutputs[key].dataSync<'float32'>();
      const P = latentShape[0] / 2;
      for (let element = 0; element < numSpans * P; element++) {
        outputs[positions[element]] = data.slice(2 * element, 2 * element + 2);
      }
    }
    return outputs;
  });
}

interface Change {
  readonly what: string;
  /** The positions that change. */
  readonly at: readonly number[];
  readonly batch: BatchArrays;
}

/** Every kind of change that the batch allows, at positions that `pick` chooses. */
function changesOf(batch: BatchArrays, pick: (count: number) => number, V: number): Change[] {
  const changes: Change[] = [];
  const positions = [...batch.documentIds.keys()].filter((i) => batch.documentIds[i] >= 0);
  if (positions.length === 0) return [];
  const tokens = positions.filter((i) => batch.sources[i] < V);
  const token = tokens[pick(tokens.length)];
  const sources = batch.sources.slice();
  sources[token] = (sources[token] + 1) % V;
  changes.push({ what: 'a token', at: [token], batch: { ...batch, sources } });

  // The document of some position, moved.
  const document = batch.documentIds[positions[pick(positions.length)]];
  const members = positions.filter((i) => batch.documentIds[i] === document);
  const moved = batch.positions.map((position, i) => position * (batch.documentIds[i] === document ? 2 : 1));
  if (members.length > 1) {
    changes.push({ what: 'positions of a document', at: members, batch: { ...batch, positions: moved } });
  }

  const filled = batch.groups.filter(({ numSpans }) => numSpans > 0);
  if (filled.length === 0) return changes;
  const group = filled[pick(filled.length)];
  const P = group.latentShape[0] / 2;
  const span = pick(group.numSpans);
  const element = pick(P);
  const spanPositions = [...group.positions.subarray(span * P, (span + 1) * P)];
  for (const array of ['latents', 'noise'] as const) {
    const values = group[array].slice();
    values[span * 2 * P + 2 * element] += 0.5;
    const groups = batch.groups.map((other) => (other === group ? { ...group, [array]: values } : other));
    changes.push({
      what: `a number of the ${array}`,
      at: [spanPositions[element]],
      batch: { ...batch, groups },
    });
  }
  const timesteps = group.timesteps.slice();
  timesteps[span] = (timesteps[span] + 300) % 1000;
  const groups = batch.groups.map((other) => (other === group ? { ...group, timesteps } : other));
  changes.push({ what: 'a timestep', at: spanPositions, batch: { ...batch, groups } });
  return changes;
}

const same = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => Object.is(value, b[i]));

const weights: TransformerConfig['weights'][] = ['shared', 'per-modality'];
const attentions: Attention[] = ['bidirectional', 'causal'];
const variants = weights.flatMap((w) => attentions.map((attention) => [w, attention] as const));

describe.each(variants)('%s weights, %s spans', (weight, attention) => {
  const model = toyModel({ weights: weight, numKvHeads: 1 }, { spanAttention: attention });

  it('outputs depend on what they may see, and on nothing else', () => {
    const params = warmParams(model);
    const seen = new Set<string>();
    fc.assert(
      fc.property(batches, fc.infiniteStream(fc.nat(1000)), (batch, stream) => {
        const pick = (count: number): number => stream.next().value! % count;
        const before = outputsByPosition(model, params, batch);
        const sees = maySee(batch, attention);
        for (const { what, at, batch: changed } of changesOf(batch, pick, model.vocabulary.size)) {
          const after = outputsByPosition(model, params, changed);
          const differing = [...before.keys()].filter((j) => !same(before[j], after[j]));
          const forbidden = differing.filter((j) => !at.some((i) => sees(j, i)));
          expect(forbidden, `${what} at ${at} is seen at`).toEqual([]);
          expect(differing.length, `${what} at ${at} changes nothing`).toBeGreaterThan(0);
          seen.add(what);
        }
      }),
      { numRuns: 4, seed: 5 },
    );
    expect([...seen].sort()).toEqual([
      'a number of the latents',
      'a number of the noise',
      'a timestep',
      'a token',
      'positions of a document',
    ]);
    disposeParams(params);
  });

  it('all that may be seen is seen', () => {
    // One document: text, a span, text; another behind it. The change of an element reaches all who see it.
    const params = warmParams(model);
    const documents = [
      [text('ab'), strip([1, -1, 0.5, 2, 0, 1]), text('cd')],
      [text('e'), strip([1, 1, 1, 1])],
    ];
    const batch = packed(toyShape(1, 24, 2), sequencesOf(documents));
    const before = outputsByPosition(model, params, batch);
    const sees = maySee(batch, attention);
    const group = batch.groups.find(({ key }) => key === 'strip:6')!;
    group.positions.subarray(0, 3).forEach((i, element) => {
      const latents = group.latents.slice();
      latents[2 * element] += 1;
      const groups = batch.groups.map((other) => (other === group ? { ...group, latents } : other));
      const after = outputsByPosition(model, params, { ...batch, groups });
      const differing = [...before.keys()].filter((j) => !same(before[j], after[j]));
      expect(differing).toEqual([...before.keys()].filter((j) => sees(j, i)));
    });
    disposeParams(params);
  });
});
